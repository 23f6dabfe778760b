//! Encrypted channels against servers with right and wrong certificates.

use super::Messages;
use super::servers::{HttpServer, Manner, SmtpServer, certificate_file};
use crate::support::assert_printed;

/// The certificates that must not be trusted, under which authority, and why.
const WRONG: [(&str, &str, &str); 4] = [
    ("right", "stranger", "UnknownIssuer"),
    ("other-name", "authority", "not valid for"),
    ("expired", "authority", "expired"),
    ("right", "", "UnknownIssuer"),
];

fn trusting(authority: &str) -> String {
    match authority {
        "" => String::new(),
        name => format!(", ca = {:?}", certificate_file(&format!("{name}.pem"))),
    }
}

fn http(port: u16, authority: &str) -> String {
    let ca = trusting(authority);
    format!(
        "config = {{ channel = \"http\" }}\n\
         grants.http.channel = {{ url = \"https://127.0.0.1:{port}/in\", methods = [\"POST\"]{ca} }}\n"
    )
}

fn mail(scheme: &str, port: u16, authority: &str) -> String {
    let ca = trusting(authority);
    format!(
        "config = {{ channel = \"mail\", from = \"care@shop.example\" }}\n\
         grants.mail.server = {{ url = \"{scheme}://127.0.0.1:{port}\", from = [\"care@shop.example\"]{ca} }}\n"
    )
}

#[test]
fn requests_go_to_a_server_whose_authority_the_grant_names_and_to_no_other() {
    let messages = Messages::through("tls-http", 6, &http(1, "authority"));
    for (certificate, authority, words) in WRONG {
        let server = HttpServer::start_tls(Manner::Takes, certificate);
        messages.channel(&http(server.port, authority));
        let outcome = messages.project.tsugi("deliver", &[]).ended(1);
        let due = messages.due();
        let owed = format!("{due} not sent and still owed");
        for sentence in ["cannot be trusted", words, owed.as_str()] {
            assert!(
                outcome.stdout.contains(sentence),
                "{sentence}: {}",
                outcome.stdout
            );
        }
        assert!(server.seen().requests.is_empty(), "no word was said");
    }
    let server = HttpServer::start_tls(Manner::Takes, "right");
    messages.channel(&http(server.port, "authority"));
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
    assert_eq!(server.seen().effects.len(), messages.due());
}

#[test]
fn mail_goes_to_a_server_whose_authority_the_grant_names_and_to_no_other() {
    for (scheme, manner) in [("smtps", "smtps"), ("smtp", "starttls")] {
        let name = format!("tls-{manner}");
        let messages = Messages::through(&name, 6, &mail(scheme, 1, "authority"));
        for (certificate, authority, words) in WRONG {
            let Some(server) = SmtpServer::encrypted(&name, manner, certificate) else {
                return;
            };
            messages.channel(&mail(scheme, server.port, authority));
            let outcome = messages.project.tsugi("deliver", &[]).ended(1);
            for sentence in ["cannot be trusted", words] {
                assert!(
                    outcome.stdout.contains(sentence),
                    "{manner}: {sentence}: {}\n{}",
                    outcome.stdout,
                    outcome.stderr
                );
            }
            assert!(
                server.messages().is_empty(),
                "{manner}: no message was given"
            );
        }
        let Some(server) = SmtpServer::encrypted(&name, manner, "right") else {
            return;
        };
        messages.channel(&mail(scheme, server.port, "authority"));
        assert_eq!(
            messages.deliver(0)["sent"],
            messages.due() as u64,
            "{manner}"
        );
        assert_eq!(server.messages().len(), messages.due());
    }
}

#[test]
fn a_file_of_authorities_must_be_there_and_hold_some() {
    let messages = Messages::through("tls-file", 6, &http(1, "authority"));
    let written = format!("{:?}", certificate_file("authority.pem"));
    let missing = http(1, "authority").replace(&written, "\"missing.pem\"");
    messages.channel(&missing);
    let outcome = messages.project.tsugi("check", &[]).ended(2);
    assert_printed!(outcome.stderr, @r#"
    error: the file of `sinks.outbox.grants.http.channel.ca` does not exist: `missing.pem`
      --> pipeline.toml:12:82
        |
     12 | grants.http.channel = { url = "https://127.0.0.1:PORT/in", methods = ["POST"], ca = "missing.pem" }
        |                                                                                  ^^^^^^^^^^^^^
    hint: put the certificate of your authority there, as PEM; paths start at the folder of pipeline.toml

    1 error; nothing ran
    "#);
    messages.project.write("empty.pem", "no certificate\n");
    let empty = http(1, "authority").replace(&written, "\"empty.pem\"");
    messages.channel(&empty);
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    let all = format!("{}{}", outcome.stdout, outcome.stderr);
    assert_printed!(all, @"error: plugin `outreach` failed in `sink.writer.write`: the authorities in DIR/empty.pem: there is no certificate in PEM form");
}
