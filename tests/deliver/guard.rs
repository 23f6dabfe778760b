//! What a granted channel may reach and what it may learn, against a real server: addresses,
//! redirects, proxies, endless and silent answers, secrets, waits.

use std::time::{Duration, Instant};

use crate::sample_copy::guest;
use crate::support::assert_printed;

use super::Messages;
use super::servers::{HttpServer, Manner};

const SECRET: &str = "tok-9f83-never-shown";

/// Messages to an address, with more keys of its grant.
fn to(name: &str, url: &str, more: &str) -> Messages {
    Messages::through(name, 6, &lines(url, more))
}

fn lines(url: &str, more: &str) -> String {
    format!(
        "config = {{ channel = \"http\" }}\n\
         grants.http.channel = {{ url = \"{url}\", methods = [\"POST\"]{more} }}\n"
    )
}

fn says(status: &str, headers: &str) -> Manner {
    Manner::Says(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: 0\r\n\r\n"
    ))
}

#[test]
fn a_name_that_leads_to_this_machine_is_refused_unless_the_grant_says_so() {
    let server = HttpServer::start(Manner::Takes);
    let url = format!("http://localhost:{}/in", server.port);
    let messages = to("guard-name", &url, "");
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stderr, @r#"
    error: plugin `outreach` failed in `sink.writer.write`: `localhost` leads to 127.0.0.1, which is this machine (loopback)
    hint: if that is meant, add to the grant: addresses = ["127.0.0.1"]
    "#);
    assert_eq!(server.seen().connections, 0, "not even a connection");
    messages.channel(&lines(&url, ", addresses = [\"127.0.0.1\", \"::1\"]"));
    let counts = messages.deliver(0);
    assert_eq!(
        counts["sent"],
        messages.due() as u64,
        "nothing was in doubt"
    );
    assert_eq!(server.seen().effects.len(), messages.due());
}

#[test]
fn an_address_in_another_spelling_is_no_grant() {
    let messages = Messages::new("guard-spelling", 6);
    for url in [
        "http://0x7f.1:8025/",
        "http://2130706433/",
        "http://127.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.1@evil.example/",
        "http://me:pw@api.example/",
        "ftp://api.example/",
        "api.example",
    ] {
        messages.channel(&lines(url, ""));
        let outcome = messages.project.tsugi("check", &[]).ended(2);
        assert!(
            outcome
                .stderr
                .contains("an address such as `https://host/path`"),
            "{url}: {}",
            outcome.stderr
        );
    }
    messages.channel(&lines(
        "http://api.example/",
        ", secret = { header = \"Authorization\", value_from_env = \"X\" }",
    ));
    let outcome = messages.project.tsugi("check", &[]).ended(2);
    assert_printed!(outcome.stderr, @r#"
    error: `sinks.outbox.grants.http.channel.url` cannot be `http://api.example/`: it must be https where a secret is sent
      --> pipeline.toml:12:25
        |
     12 | grants.http.channel = { url = "http://api.example/", methods = ["POST"], secret = { header = "Authorization", value_from_env = "X" } }
        |                         ^^^

    1 error; nothing ran
    "#);
    messages.channel("config = { channel = \"http\" }\n");
    let outcome = messages.project.tsugi("check", &[]).ended(2);
    assert!(
        outcome.stderr.contains("grants.http.channel = { url = "),
        "the line to add: {}",
        outcome.stderr
    );
}

#[test]
fn a_redirect_to_this_machine_is_not_followed() {
    let inner = HttpServer::start(Manner::Takes);
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("location: http://127.0.0.1:{}/in\r\n", inner.port);
        let outer = HttpServer::start(says(status, &location));
        let url = format!("http://127.0.0.1:{}/in", outer.port);
        let messages = to("guard-redirect", &url, "");
        let counts = messages.deliver(1);
        assert_eq!(counts["failed"], messages.due() as u64, "{counts:?}");
        assert_eq!(inner.seen().connections, 0, "{status}");
        assert_eq!(outer.seen().requests.len(), messages.due());
    }
}

#[test]
fn proxies_of_the_environment_see_nothing() {
    let (server, proxy) = (
        HttpServer::start(Manner::Takes),
        HttpServer::start(Manner::Takes),
    );
    let messages = to(
        "guard-proxy",
        &format!("http://127.0.0.1:{}/in", server.port),
        "",
    );
    let mut command = messages.project.command("deliver", &[]);
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        command.env(name, format!("http://127.0.0.1:{}", proxy.port));
    }
    assert!(command.output().unwrap().status.success());
    assert_eq!(server.seen().effects.len(), messages.due());
    assert_eq!(proxy.seen().connections, 0);
}

#[test]
fn an_answer_without_an_end_and_no_answer_leave_one_message_in_doubt() {
    for (manner, words) in [
        (Manner::Endless, "is larger than 2048 bytes"),
        (Manner::Silent, "did not answer within 400 ms"),
        (Manner::Breaks, "127.0.0.1"),
        (Manner::Says("no http at all".into()), "127.0.0.1"),
        (
            says("200 OK", &format!("x: {}\r\n", "y".repeat(300_000))),
            "127.0.0.1",
        ),
    ] {
        let server = HttpServer::start(manner.clone());
        let url = format!("http://127.0.0.1:{}/in", server.port);
        let messages = to(
            "guard-endless",
            &url,
            ", timeout_ms = 400, response_max_bytes = 2048",
        );
        let started = Instant::now();
        let outcome = messages.project.tsugi("deliver", &[]).ended(1);
        assert!(started.elapsed() < Duration::from_secs(15), "{manner:?}");
        let rest = messages.due() - 1;
        for sentence in [
            "1 without a receipt: a person must find out".to_owned(),
            "without a receipt: C-0000 about sole_crack: a lot by sole-notice@1".to_owned(),
            format!("{rest} not sent and still owed"),
            "messages: stopped: ".to_owned(),
            words.to_owned(),
        ] {
            assert!(
                outcome.stdout.contains(&sentence),
                "{sentence}: {}",
                outcome.stdout
            );
        }
        server.behave(Manner::Takes);
        let counts = messages.deliver(1);
        assert_eq!((counts["sent"], counts["unknown"]), (rest as u64, 1));
        assert!(
            server.seen().arrived["C-0000"] == 1,
            "not handed over again"
        );
    }
}

#[test]
fn a_secret_reaches_the_address_and_nothing_else() {
    let echo = "HTTP/1.1 400 ECHO\r\nx-echo: ECHO\r\ncontent-length: 27\r\n\r\nECHO".to_owned();
    let server = HttpServer::start(Manner::SaysOnce(echo));
    let url = format!("http://127.0.0.1:{}/in", server.port);
    let grant = ", secret = { header = \"Authorization\", prefix = \"Bearer \", value_from_env = \"CHANNEL_TOKEN\" }";
    let messages = to("guard-secret", &url, grant);
    let deliver = |token: Option<&str>| {
        let mut command = messages.project.command("deliver", &[]);
        command.env_remove("CHANNEL_TOKEN");
        if let Some(token) = token {
            command.env("CHANNEL_TOKEN", token);
        }
        crate::support::Outcome::of(command.output().unwrap())
    };
    for (token, why) in [
        (None, "it is not set"),
        (Some(""), "it is empty"),
        (Some("abc"), "it is shorter than 6 characters"),
        (
            Some("two\nlines-of-it"),
            "it has characters that no header can carry",
        ),
    ] {
        let outcome = deliver(token).ended(1);
        assert!(
            outcome.stderr.contains("http.channel") && outcome.stderr.contains("`CHANNEL_TOKEN`"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
        assert_eq!(server.seen().connections, 0, "before anything is sent");
    }
    let outcome = deliver(Some(SECRET)).ended(1);
    assert_printed!(outcome.stdout, @"
    messages: 4 sent, 0 sent before, 0 wait for a person, 1 on hold, 0 suppressed
    messages: 1 refused by the channel and still owed
    ");
    let seen: Vec<String> = server.seen().authorizations.iter().cloned().collect();
    assert_eq!(seen, [format!("Bearer {SECRET}")]);
    server.behave(says("401 Unauthorized", ""));
    let other = deliver(Some(SECRET)).ended(1);
    assert_printed!(other.stdout, @"
    messages: 0 sent, 4 sent before, 0 wait for a person, 1 on hold, 0 suppressed
    messages: 1 not sent and still owed
    messages: stopped: the address answered 401: the login is not accepted
    ");
    for text in [outcome.stdout, outcome.stderr, other.stdout, other.stderr] {
        assert!(!text.contains(SECRET), "{text}");
    }
    let mut files = 0;
    let folders = ["warehouse", "ledger"].map(|name| messages.project.path(".tsugi").join(name));
    for entry in folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().flatten())
    {
        if entry.path().is_file() {
            files += 1;
            let bytes = std::fs::read(entry.path()).unwrap();
            let holds = bytes
                .windows(SECRET.len())
                .any(|at| at == SECRET.as_bytes());
            assert!(!holds, "{}", entry.path().display());
        }
    }
    assert!(files >= 2, "ledger and catalogue were read");
    server.behave(Manner::Takes);
    deliver(Some(SECRET)).ended(0);
    assert_eq!(server.seen().effects.len(), messages.due());
}

#[test]
fn a_secret_may_stand_in_a_file() {
    let server = HttpServer::start(Manner::Takes);
    let url = format!("http://127.0.0.1:{}/in", server.port);
    let grant = ", secret = { header = \"X-Key\", value_from_file = \"token.txt\" }";
    let messages = to("guard-secret-file", &url, grant);
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stderr, @"
    error: plugin `outreach` cannot reach `http.channel`: the file `DIR/token.txt`: it cannot be read
    hint: put the secret into the file `DIR/token.txt`
    ");
    messages.project.write("token.txt", &format!("{SECRET}\n"));
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
}

#[test]
fn a_delivery_waits_for_a_moment_on_request_and_stops_for_an_hour() {
    let wait = |status: &str, seconds: u32| {
        format!("HTTP/1.1 {status}\r\nretry-after: {seconds}\r\ncontent-length: 0\r\n\r\n")
    };
    let server = HttpServer::start(Manner::SaysOnce(wait("429 Too Many Requests", 2)));
    let url = format!("http://127.0.0.1:{}/in", server.port);
    let messages = to("guard-wait", &url, "");
    let started = Instant::now();
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
    assert!(started.elapsed() >= Duration::from_secs(2), "it waited");
    assert_eq!(server.seen().arrived["C-0000"], 2, "and sent again");
    assert!(server.seen().effects.values().all(|times| *times == 1));

    let server = HttpServer::start(Manner::Says(wait("503 Busy", 3600)));
    let url = format!("http://127.0.0.1:{}/in", server.port);
    let messages = to("guard-hour", &url, "");
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    let due = messages.due();
    assert_printed!(outcome.stdout, @"
    messages: 0 sent, 0 sent before, 0 wait for a person, 1 on hold, 0 suppressed
    messages: 5 not sent and still owed
    messages: stopped: http://127.0.0.1:PORT/in answered 503: not now (it asks for 3600 s)
    ");
    assert_eq!(server.seen().requests.len(), 1, "the others are not tried");
    server.behave(Manner::Takes);
    assert_eq!(messages.deliver(0)["sent"], due as u64);
    assert!(server.seen().effects.values().all(|times| *times == 1));
}

#[test]
fn a_dry_run_sends_nothing() {
    let server = HttpServer::start(Manner::Takes);
    let messages = to(
        "guard-dry",
        &format!("http://127.0.0.1:{}/in", server.port),
        "",
    );
    let outcome = messages.project.tsugi("deliver", &["--dry-run"]).ended(0);
    assert_printed!(outcome.stdout, @"messages: 5 would be sent, 0 sent before, 0 wait for a person, 1 on hold, 0 suppressed");
    assert_eq!(server.seen().connections, 0);
}

#[test]
fn a_plugin_cannot_leave_its_grant() {
    let (server, other) = (
        HttpServer::start(Manner::Takes),
        HttpServer::start(Manner::Takes),
    );
    let messages = Messages::new("guard-leave", 6);
    let project = &messages.project;
    std::fs::copy(guest("balking"), project.path("balking.wasm")).unwrap();
    messages.approve();
    let whole = project.read("pipeline.toml");
    let set = |config: &str| {
        let sink = format!(
            "[plugins.channel]\nfile = \"balking.wasm\"\n\n[sinks.outbox]\nplugin = \"channel\"\n\
             config = {{ {config} }}\ngrants.outputs.outbox = \"outbox\"\n\
             grants.http.channel = {{ url = \"http://127.0.0.1:{}/in/\", methods = [\"POST\"] }}\n",
            server.port
        );
        let old = "[sinks.outbox]\nplugin = \"outreach\"\n";
        project.write("pipeline.toml", &whole.replace(old, &sink));
    };
    for (url, words) in [
        (
            format!("http://127.0.0.1:{}/in/", other.port),
            "the grant is for",
        ),
        (
            "http://169.254.169.254/latest/meta-data".into(),
            "the grant is for",
        ),
        (
            format!("http://localhost:{}/in/", server.port),
            "the grant is for",
        ),
        (
            format!("https://127.0.0.1:{}/in/", server.port),
            "the grant is for",
        ),
        ("/out".into(), "the grant is for"),
        ("../out".into(), "the grant is for"),
        ("%2e%2e/out".into(), "the grant is for"),
        (
            format!("http://u:p@127.0.0.1:{}/in/", server.port),
            "the grant is for",
        ),
    ] {
        set(&format!("post = \"{url}\""));
        let outcome = project.tsugi("deliver", &[]).ended(1);
        assert!(outcome.stderr.contains(words), "{url}: {}", outcome.stderr);
    }
    set("post = \"\", method = \"DELETE\"");
    let outcome = project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stderr, @"error: plugin `channel` failed in `sink.writer.write`: the method DELETE is not granted for http://127.0.0.1:PORT/in/, only POST");
    assert_eq!(
        (server.seen().connections, other.seen().connections),
        (0, 0)
    );
    // The same address in another spelling is the same address.
    set(&format!("post = \"http://0x7f.1:{}/in/\"", server.port));
    project.tsugi("deliver", &[]).ended(0);
    assert_eq!(server.seen().requests[0], "POST /in/ HTTP/1.1");
}
