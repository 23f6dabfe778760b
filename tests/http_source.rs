//! A source that reads an API: granted, guarded, page by page, with a secret that it never sees.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::deliver::servers::{HttpServer, Manner};
use crate::functions::bench::component;
use crate::sample_copy::Project;
use crate::support::{Outcome, assert_printed};

const GUEST: &str = "tests/guests/paging";
const SECRET: &str = "tok-77aa-for-the-host";

fn page(headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// Five pages of three orders each.
fn pages() -> Manner {
    let path = |number: usize| match number {
        0 => "/orders".to_owned(),
        _ => format!("/orders?after={}", number * 3),
    };
    let of = |number: usize| {
        let lines = (1..=3).map(|at| format!("{},open\n", number * 3 + at));
        let next = format!("link: <{}>; rel=\"next\"\r\n", path(number + 1));
        let next = if number < 4 { next } else { String::new() };
        (path(number), page(&next, &lines.collect::<String>()))
    };
    Manner::Pages((0..5).map(of).collect())
}

/// A pipeline that reads the address; `grant` stands behind its URL, `config` in its source.
fn reading(name: &str, url: &str, grant: &str, config: &str) -> Project {
    let project = Project::empty(name);
    project.write("pipeline.toml", &pipeline(url, grant, config));
    project.write(
        "models/a/orders.sql",
        "SELECT count(*) AS orders, min(status) AS status FROM shop.orders",
    );
    project
}

fn pipeline(url: &str, grant: &str, config: &str) -> String {
    format!(
        "[pipeline]\nname = \"api\"\nas_of = \"2026-03-31\"\n\n[plugins.paging]\nfile = {:?}\n\n\
         [sources.shop]\nplugin = \"paging\"\nconfig = {{ {config} }}\n\
         grants.http.api = {{ url = \"{url}\", methods = [\"GET\"]{grant} }}\n",
        component(GUEST)
    )
}

fn with_token(project: &Project, verb: &str) -> Outcome {
    let mut command = project.command(verb, &[]);
    command.env("SHOP_TOKEN", SECRET);
    Outcome::of(command.output().expect("the binary starts"))
}

#[test]
fn every_page_is_read_and_the_secret_is_the_hosts_alone() {
    let server = HttpServer::start(pages());
    let url = format!("http://127.0.0.1:{}/orders", server.port);
    let secret = ", secret = { header = \"Authorization\", prefix = \"Bearer \", value_from_env = \"SHOP_TOKEN\" }";
    let project = reading("api-pages", &url, secret, "");
    let outcome = project.tsugi("run", &[]).ended(1);
    assert_printed!(outcome.stderr, @"
    error: `shop.orders` failed: plugin `paging` cannot reach `http.api`: the environment variable `SHOP_TOKEN`: it is not set
    hint: put the secret into the environment variable `SHOP_TOKEN`

    1 failed; 1 not made, for they read what failed; nothing was published
    ");
    assert_eq!(
        server.seen().connections,
        0,
        "no request is sent without it"
    );
    // Planning sends no request and needs no secret.
    project.tsugi("check", &[]).ended(0);
    assert_eq!(server.seen().connections, 0);

    with_token(&project, "run").ended(0);
    assert_eq!(
        project.lines("SELECT orders FROM a.orders"),
        ["15".to_owned()].into()
    );
    let requests: Vec<String> = server.seen().requests.clone();
    let due: Vec<String> = ["", "?after=3", "?after=6", "?after=9", "?after=12"]
        .map(|rest| format!("GET /orders{rest} HTTP/1.1"))
        .into();
    assert_eq!(requests, due);
    let authorizations: Vec<String> = server.seen().authorizations.iter().cloned().collect();
    assert_eq!(authorizations, [format!("Bearer {SECRET}")]);

    // A server that gives the secret back gives the plugin a blot.
    server.behave(Manner::Pages(BTreeMap::from([(
        "/orders".to_owned(),
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n1,ECHO\n".to_owned(),
    )])));
    let outcome = with_token(&project, "run").ended(0);
    assert!(!outcome.stderr.contains(SECRET) && !outcome.stdout.contains(SECRET));
    assert_eq!(
        project.lines("SELECT orders, status FROM a.orders"),
        ["1|Bearer [secret]".to_owned()].into(),
        "an address is read again by every run"
    );
    let shown = project.tsugi("grants", &[]).ended(0).stdout;
    for words in [
        "source shop",
        "http.api",
        "GET",
        &url,
        "with a secret in Authorization",
        "the pages of the API",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(
        project
            .read("pipeline.lock")
            .contains(&format!("GET {url}"))
    );
}

#[test]
fn a_want_without_a_grant_names_the_line_to_add_with_a_method_that_reads() {
    let project = reading("api-denied", "http://127.0.0.1:9/", "", "");
    let text = project.read("pipeline.toml");
    let (without, _) = text.split_once("grants.http.api").unwrap();
    project.write("pipeline.toml", without);
    let outcome = project.tsugi("check", &[]).ended(2);
    assert_printed!(outcome.stderr, @r#"
    error: the plugin `paging` wants `http.api` and is not granted it
      --> pipeline.toml:5:10
    hint: add to `[plugins.paging]`: grants.http.api = { url = "https://HOST/PATH", methods = ["GET"] } (its reason: the pages of the API)

    1 error; nothing ran
    "#);

    // A plugin that reaches for what its manifest does not even want is stopped by the same words.
    let server = HttpServer::start(pages());
    let url = format!("http://127.0.0.1:{}/orders", server.port);
    project.write("pipeline.toml", &pipeline(&url, "", "want = \"other\""));
    let outcome = project.tsugi("run", &[]).ended(1);
    assert_printed!(outcome.stderr, @r#"
    error: `shop.orders` failed: plugin `paging` in `source.reader.next` was denied http `other`
    hint: add to `[plugins.paging]` in pipeline.toml: grants.http.other = { url = "https://HOST/PATH", methods = ["GET"] }

    1 failed; 1 not made, for they read what failed; nothing was published
    "#);
    assert_eq!(server.seen().connections, 0);
}

#[test]
fn the_guard_of_channels_holds_for_sources() {
    let server = HttpServer::start(pages());
    let name = format!("http://localhost:{}/orders", server.port);
    let project = reading("api-guard", &name, "", "");
    let outcome = project.tsugi("run", &[]).ended(1);
    assert_printed!(outcome.stderr, @r#"
    error: `shop.orders` failed: plugin `paging` failed in `source.reader.next`: `localhost` leads to 127.0.0.1, which is this machine (loopback)
    hint: if that is meant, add to the grant: addresses = ["127.0.0.1"]

    1 failed; 1 not made, for they read what failed; nothing was published
    "#);
    assert_eq!(server.seen().connections, 0);

    let url = format!("http://127.0.0.1:{}/orders", server.port);
    let project = reading("api-guard-pages", &url, "", "");
    let cases = [
        ("http://169.254.169.254/latest", "the grant is for"),
        ("/admin", "the grant is for"),
    ];
    for (next, words) in cases {
        let link = format!("link: <{next}>; rel=\"next\"\r\n");
        let first = ("/orders".to_owned(), page(&link, "1,open\n"));
        server.behave(Manner::Pages([first].into()));
        project.write("pipeline.toml", &pipeline(&url, "", ""));
        let outcome = project.tsugi("run", &[]).ended(1);
        assert!(outcome.stderr.contains(words), "{next}: {}", outcome.stderr);
    }
    for (manner, words) in [
        (Manner::Endless, "is larger than 2048 bytes"),
        (Manner::Silent, "did not answer within 400 ms"),
        (
            Manner::Says(
                "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
                    .into(),
            ),
            "the address answered 302",
        ),
    ] {
        server.behave(manner);
        let bounds = ", timeout_ms = 400, response_max_bytes = 2048";
        project.write("pipeline.toml", &pipeline(&url, bounds, ""));
        let outcome = project.tsugi("run", &[]).ended(1);
        assert!(
            outcome.stderr.contains(words),
            "{words}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn nothing_is_decompressed() {
    // Whatever its header says, twenty bytes stay twenty bytes.
    let bomb = page("content-encoding: gzip\r\n", "twenty bytes of zip.");
    let server = HttpServer::start(Manner::Says(bomb));
    let url = format!("http://127.0.0.1:{}/orders", server.port);
    let project = reading("api-bomb", &url, "", "weighed = true");
    project.tsugi("run", &[]).ended(0);
    assert_eq!(
        project.lines("SELECT id FROM shop.orders"),
        ["20 bytes".to_owned()].into()
    );
}

#[test]
fn a_source_that_must_wait_waits_and_requests_again() {
    let server = HttpServer::start(Manner::SaysOnce(
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n".into(),
    ));
    let url = format!("http://127.0.0.1:{}/orders", server.port);
    let project = reading("api-wait", &url, "", "weighed = true");
    let started = Instant::now();
    // What the server answers after its pause is no page.
    let outcome = project.tsugi("run", &[]).ended(1);
    assert_printed!(outcome.stderr, @"
    error: `shop.orders` failed: plugin `paging` failed in `source.reader.next`: the address answered 202

    1 failed; 1 not made, for they read what failed; nothing was published
    ");
    assert!(started.elapsed() >= Duration::from_secs(1), "it waited");
    assert_eq!(server.seen().requests.len(), 2);
}

#[test]
fn a_source_may_ask_before_it_lists_its_streams() {
    let server = HttpServer::start(pages());
    let url = format!("http://127.0.0.1:{}/orders", server.port);
    let secret = ", secret = { header = \"X-Key\", value_from_env = \"SHOP_TOKEN\" }";
    let project = reading("api-describe", &url, secret, "describe = true");
    let outcome = project.tsugi("check", &[]).ended(2);
    assert_printed!(outcome.stderr, @"
    error: plugin `paging` cannot reach `http.api`: the environment variable `SHOP_TOKEN`: it is not set
      --> pipeline.toml:8:10
    hint: put the secret into the environment variable `SHOP_TOKEN`

    1 error; nothing ran
    ");
    with_token(&project, "check").ended(0);
    assert_eq!(server.seen().requests, ["GET /orders HTTP/1.1"]);
}
