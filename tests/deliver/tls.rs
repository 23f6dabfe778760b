//! Encrypted channels against servers with right and wrong certificates.

use super::Letters;
use super::servers::{HttpServer, Manner, SmtpServer, certificate_file};

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
    let letters = Letters::through("tls-http", 6, &http(1, "authority"));
    for (certificate, authority, words) in WRONG {
        let server = HttpServer::start_tls(Manner::Takes, certificate);
        letters.channel(&http(server.port, authority));
        let told = letters.project.tsugi("deliver", &[]).ended(1);
        let due = letters.due();
        let owed = format!("{due} not sent and still owed");
        for sentence in ["cannot be trusted", words, owed.as_str()] {
            assert!(told.out.contains(sentence), "{sentence}: {}", told.out);
        }
        assert!(server.seen().requests.is_empty(), "no word was said");
    }
    let server = HttpServer::start_tls(Manner::Takes, "right");
    letters.channel(&http(server.port, "authority"));
    assert_eq!(letters.deliver(0)["sent"], letters.due() as u64);
    assert_eq!(server.seen().effects.len(), letters.due());
}

#[test]
fn mail_goes_to_a_server_whose_authority_the_grant_names_and_to_no_other() {
    for (scheme, manner) in [("smtps", "smtps"), ("smtp", "starttls")] {
        let name = format!("tls-{manner}");
        let letters = Letters::through(&name, 6, &mail(scheme, 1, "authority"));
        for (certificate, authority, words) in WRONG {
            let Some(server) = SmtpServer::encrypted(&name, manner, certificate) else {
                return;
            };
            letters.channel(&mail(scheme, server.port, authority));
            let told = letters.project.tsugi("deliver", &[]).ended(1);
            for sentence in ["cannot be trusted", words] {
                assert!(
                    told.out.contains(sentence),
                    "{manner}: {sentence}: {}\n{}",
                    told.out,
                    told.err
                );
            }
            assert!(server.letters().is_empty(), "{manner}: no letter was given");
        }
        let Some(server) = SmtpServer::encrypted(&name, manner, "right") else {
            return;
        };
        letters.channel(&mail(scheme, server.port, "authority"));
        assert_eq!(letters.deliver(0)["sent"], letters.due() as u64, "{manner}");
        assert_eq!(server.letters().len(), letters.due());
    }
}

#[test]
fn a_file_of_authorities_must_be_there_and_hold_some() {
    let letters = Letters::through("tls-file", 6, &http(1, "authority"));
    let missing = http(1, "authority").replace("authority.pem", "nobody.pem");
    letters.channel(&missing);
    let told = letters.project.tsugi("check", &[]).ended(2);
    assert!(
        told.err.contains("the file of `") && told.err.contains("nobody.pem"),
        "{}",
        told.err
    );
    letters.project.write("empty.pem", "no certificate\n");
    let written = format!("{:?}", certificate_file("authority.pem"));
    let empty = http(1, "authority").replace(&written, "\"empty.pem\"");
    letters.channel(&empty);
    let told = letters.project.tsugi("deliver", &[]).ended(1);
    let all = format!("{}{}", told.out, told.err);
    assert!(all.contains("there is no certificate in PEM form"), "{all}");
}
