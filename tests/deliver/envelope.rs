//! What a sink may send of messages: the rows that were approved, each once, and what it says of them
//! counts as far as the host saw the same.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::sample_copy::guest;
use crate::support::assert_printed;

use super::Messages;
use super::servers::{HttpServer, Manner, SmtpServer};

/// Three approved messages through the sink of `tests/guests/straying`.
fn straying(name: &str) -> Messages {
    let messages = Messages::new(name, 3);
    let project = &messages.project;
    std::fs::copy(guest("straying"), project.path("straying.wasm")).unwrap();
    let text = project.read("pipeline.toml");
    let with = text.replace(
        "[sinks.outbox]\nplugin = \"outreach\"\n",
        "[plugins.channel]\nfile = \"straying.wasm\"\n\n[sinks.outbox]\nplugin = \"channel\"\nconfig = {}\ngrants = {}\n",
    );
    project.write("pipeline.toml", &with);
    messages
}

/// Sets how the sink strays, and what it may reach.
fn set(messages: &Messages, config: &str, grants: &str) {
    let text = messages.project.read("pipeline.toml");
    let lines = text.lines().map(|line| match line {
        line if line.starts_with("config = ") => format!("config = {{ {config} }}\n"),
        line if line.starts_with("grants") && !line.contains("outputs") => format!("{grants}\n"),
        line => format!("{line}\n"),
    });
    let text: String = lines.collect();
    messages.project.write("pipeline.toml", &text);
}

/// The ledger once all is approved and nothing has left.
struct Approved {
    ledger: PathBuf,
    bytes: Vec<u8>,
    state: PathBuf,
}

impl Approved {
    fn of(messages: &Messages) -> Self {
        messages.approve();
        let ledger = messages.project.path(".tsugi/ledger/ledger.sqlite");
        let bytes = std::fs::read(&ledger).unwrap();
        let state = messages.project.state();
        Self {
            ledger,
            bytes,
            state,
        }
    }

    fn restore(&self) {
        std::fs::write(&self.ledger, &self.bytes).unwrap();
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

fn mail(port: u16) -> String {
    format!(
        "grants.mail.server = {{ url = \"smtp://127.0.0.1:{port}\", from = \"care@shop.example\" }}"
    )
}

fn http(port: u16) -> String {
    format!(
        "grants.http.channel = {{ url = \"http://127.0.0.1:{port}/in/\", methods = [\"POST\"] }}"
    )
}

/// How often each address got a mail.
fn recipients(server: &SmtpServer) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for message in server.messages() {
        *found
            .entry(message["to"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    found
}

/// Everybody once.
fn everybody() -> BTreeMap<String, usize> {
    (0..3)
        .map(|n| (format!("person{n}@mail.example"), 1))
        .collect()
}

#[test]
fn a_sink_mails_what_was_approved_and_nothing_else() {
    let Some(server) = SmtpServer::start("envelope-mail-server") else {
        return;
    };
    let messages = straying("envelope-mail");
    set(&messages, "by = \"mail\"", &mail(server.port));
    let approved = Approved::of(&messages);
    // How it strays, why that is refused, and how many mails of a message leave.
    let refused = [
        ("strangers", "its recipient is that of no row", 0),
        ("other address", "its recipient is that of no row", 0),
        ("capitals", "its recipient is that of no row", 0),
        (
            "other subject",
            "its subject or text is not that of the row",
            0,
        ),
        ("more text", "its subject or text is not that of the row", 0),
        (
            "text of another",
            "its subject or text is not that of the row",
            0,
        ),
        (
            "header",
            "it has a header that is not in `headers` of the row",
            0,
        ),
        ("when opened", "no batch is in hand", 1),
        ("when it ends", "no batch is in hand", 1),
        ("twice", "it has left before", 1),
    ];
    for (sends, why, left) in refused {
        server.forget();
        approved.restore();
        set(
            &messages,
            &format!("by = \"mail\", sends = \"{sends}\""),
            &mail(server.port),
        );
        let outcome = messages.project.tsugi("deliver", &[]).ended(1);
        let line = format!(
            "messages: a person must look: a mail that is no approved message of the batch was refused: {why}\n"
        );
        assert!(
            outcome.stdout.contains(&line),
            "{sends}: {}",
            outcome.stdout
        );
        let expected = match left {
            0 => BTreeMap::new(),
            _ => everybody(),
        };
        assert_eq!(recipients(&server), expected, "{sends}");
        // The sink says each time that all was sent.
        let sent = format!("messages: {} sent,", 3 * left);
        assert!(
            outcome.stdout.starts_with(&sent),
            "{sends}: {}",
            outcome.stdout
        );
    }
}

#[test]
fn a_request_carries_the_rows_as_they_were_approved() {
    let server = HttpServer::start(Manner::Takes);
    let messages = straying("envelope-http");
    set(&messages, "by = \"http\"", &http(server.port));
    let approved = Approved::of(&messages);
    let refused = [
        ("other address", "its body is not what the row says"),
        ("more text", "its body is not what the row says"),
        ("mapped to another", "its body is not what the row says"),
        ("mapped with more", "its body is not what the row says"),
        ("less", "its body is not what the row says"),
        ("not json", "its body is no JSON of rows"),
        ("empty", "its body is no JSON of rows"),
        ("path", "it goes to a longer path or has a query"),
        ("query", "it goes to a longer path or has a query"),
        (
            "header",
            "it has a header besides accept, content-type, idempotency-key",
        ),
    ];
    for (sends, why) in refused {
        approved.restore();
        set(
            &messages,
            &format!("by = \"http\", sends = \"{sends}\""),
            &http(server.port),
        );
        let outcome = messages.project.tsugi("deliver", &[]).ended(1);
        let line =
            format!("a request that is no approved message of the batch was refused: {why}\n");
        assert!(
            outcome.stdout.contains(&line),
            "{sends}: {}",
            outcome.stdout
        );
        assert_eq!(server.seen().connections, 0, "{sends}");
    }
    for sends in ["rows", "list", "mapped"] {
        approved.restore();
        set(
            &messages,
            &format!("by = \"http\", sends = \"{sends}\""),
            &http(server.port),
        );
        assert_eq!(messages.deliver(0)["sent"], 3, "{sends}");
        assert_eq!(server.seen().requests.len(), 3, "{sends}");
        server.forget();
    }
}

#[test]
fn what_a_sink_says_counts_as_far_as_the_host_saw_it() {
    let Some(server) = SmtpServer::start("receipt-mail-server") else {
        return;
    };
    let messages = straying("receipt-mail");
    set(&messages, "by = \"mail\"", &mail(server.port));
    let approved = Approved::of(&messages);
    for says in ["refused", "unknown", "later", "dies"] {
        for once in [false, true] {
            server.forget();
            approved.restore();
            let config =
                format!("by = \"mail\", sends = \"rows\", says = \"{says}\", once = {once}");
            set(&messages, &config, &mail(server.port));
            for _ in 0..2 {
                messages.project.tsugi("deliver", &[]);
            }
            assert_eq!(recipients(&server), everybody(), "{says}, once = {once}");
            // A sink that is well again finds nothing to send.
            set(
                &messages,
                "by = \"mail\", sends = \"rows\"",
                &mail(server.port),
            );
            let counts = messages.deliver(0);
            assert_eq!(
                (counts["sent"], counts["already"]),
                (0, 3),
                "{says}, once = {once}"
            );
            assert_eq!(recipients(&server), everybody(), "{says}, once = {once}");
        }
    }
}

#[test]
fn a_sink_that_says_sent_and_sent_nothing_is_stopped_and_a_person_settles_it() {
    let server = HttpServer::start(Manner::Takes);
    let messages = straying("receipt-nothing");
    set(
        &messages,
        "by = \"http\", sends = \"nothing\"",
        &http(server.port),
    );
    messages.approve();
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stdout, @"
    messages: 0 sent, 0 sent before, 0 wait for a person, 0 on hold, 0 suppressed
    messages: stopped: the sink does not do what it says
    messages: a person must look: the sink says that a message was sent, and nothing left
    messages: 3 without a receipt: a person must find out
    messages: without a receipt: C-0000 about sole_crack: a lot by sole-notice@1
    messages: without a receipt: C-0001 about sole_crack: a lot by sole-notice@1
    messages: without a receipt: C-0002 about sole_crack: a lot by sole-notice@1
    messages: see what waits with: tsugi review list DIR
    ");
    set(&messages, "by = \"http\"", &http(server.port));
    let counts = messages.deliver(1);
    assert_eq!((counts["sent"], counts["unknown"]), (0, 3), "not by itself");
    assert_eq!(server.seen().connections, 0);
    let unclear = messages.reviews();
    let unclear = unclear.iter().filter(|line| line.contains_key("key"));
    for line in unclear {
        let id = line["id"].as_str().unwrap();
        let words = [id, "--lost", "--by", "Mika Sato", "--note", "called them"];
        messages.project.tsugi("review settle", &words).ended(0);
    }
    assert_eq!(messages.deliver(0)["sent"], 3, "a person may");
    assert_eq!(server.seen().effects.len(), 3);
}
