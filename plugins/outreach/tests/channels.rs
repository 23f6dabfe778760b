//! The channels of the sink: what leaves, under which key, and what an answer means.

#![allow(clippy::unwrap_used)]

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::case;
use tsugi_outreach::MessageSink;
use tsugi_plugin::testing::{MockHost, take, write_sink};
use tsugi_plugin::{
    Batch, Error, HttpRequest, HttpResponse, MailMessage, Receipt, Recovery, Repeat, Sink,
};

const HTTP: &str = r#"{"channel":"http"}"#;
const IDEMPOTENT: &str = r#"{"channel":"http","idempotent":true}"#;
const MAIL: &str = r#"{"channel":"mail","from":"care@shop.example"}"#;

fn composed(people: usize) -> Batch {
    let case = case("service_notice")
        .crowd(people)
        .option("as_of", "2026-03-31T15:00:00Z");
    case.call().run().unwrap()
}

/// A host whose address answers so, and the requests that came.
fn answering(
    answer: impl Fn(usize) -> Result<HttpResponse, Error> + 'static,
) -> (MockHost, Rc<RefCell<Vec<HttpRequest>>>) {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let requests = Rc::clone(&seen);
    let host = MockHost::new().http("channel", move |request| {
        requests.borrow_mut().push(request.clone());
        answer(requests.borrow().len())
    });
    (host, seen)
}

#[test]
fn a_config_names_a_channel_and_its_terms() {
    let terms = |config: &str| <MessageSink as Sink>::terms(config).unwrap();
    assert_eq!(terms("{}").repeat, Repeat::Same);
    assert_eq!(terms("{}").batch_rows, 0);
    assert_eq!(
        (terms(HTTP).repeat, terms(HTTP).batch_rows),
        (Repeat::Never, 1)
    );
    assert_eq!(terms(IDEMPOTENT).repeat, Repeat::Same);
    assert_eq!(
        (terms(MAIL).repeat, terms(MAIL).batch_rows),
        (Repeat::Never, 1)
    );
    for config in [
        r#"{"channel":"pigeon"}"#,
        r#"{"channel":"mail"}"#,
        r#"{"channel":"mail","from":"no-such-sender"}"#,
        "no",
    ] {
        let error = <MessageSink as Sink>::terms(config).unwrap_err();
        assert_eq!(error.code, "bad-config", "{config}");
    }
}

#[test]
fn each_message_is_one_request_under_its_own_key() {
    let rows = composed(3);
    let keys = |run: usize| {
        let (host, seen) = answering(|_| Ok(HttpResponse::status(202)));
        let delivered =
            write_sink::<MessageSink>(HTTP, false, std::slice::from_ref(&rows), &host).unwrap();
        assert_eq!(delivered.receipts[0].accepted, 3, "run {run}");
        let seen = seen.borrow();
        for (row, request) in seen.iter().enumerate() {
            assert_eq!(
                (request.method.as_str(), request.url.as_str()),
                ("POST", "")
            );
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            let customer = rows.utf8("customer_id").unwrap();
            assert_eq!(body["customer_id"].as_str(), customer.get(row));
        }
        let key = |request: &HttpRequest| {
            let header = request.headers.iter();
            let key = header.clone().find(|(name, _)| name == "Idempotency-Key");
            key.unwrap().1.clone()
        };
        seen.iter().map(key).collect::<Vec<_>>()
    };
    let first = keys(1);
    assert_eq!(
        first,
        keys(2),
        "the key is of the message, not of the attempt"
    );
    assert!(first[0] != first[1] && first[0].starts_with('"') && first[0].len() == 66);
}

#[test]
fn an_answer_says_accepted_failed_or_unknown() {
    let row = take(&composed(2), &[0]).unwrap();
    let receipt = |status: u32, config: &str| {
        let (host, _) = answering(move |_| Ok(HttpResponse::status(status)));
        write_sink::<MessageSink>(config, false, std::slice::from_ref(&row), &host)
            .map(|delivered| delivered.receipts[0].clone())
    };
    for status in [200, 201, 204] {
        assert_eq!(receipt(status, HTTP).unwrap().accepted, 1, "{status}");
    }
    for (status, code) in [
        (301, "redirected"),
        (307, "redirected"),
        (400, "refused"),
        (404, "refused"),
        (409, "refused"),
        (422, "refused"),
        (408, Receipt::UNKNOWN),
        (500, Receipt::UNKNOWN),
        (502, Receipt::UNKNOWN),
        (504, Receipt::UNKNOWN),
    ] {
        assert_eq!(
            receipt(status, HTTP).unwrap().failed[0].code,
            code,
            "{status}"
        );
    }
    let again = receipt(409, IDEMPOTENT).unwrap();
    assert_eq!(again.failed[0].code, Receipt::UNKNOWN);
    for status in [401, 403] {
        let error = receipt(status, HTTP).unwrap_err();
        assert_eq!(error.recovery, Recovery::Reauthenticate, "{status}");
    }
}

#[test]
fn an_error_of_the_host_is_passed_on_only_while_nothing_has_left() {
    let rows = composed(4);
    let slow =
        |sent: bool| move || Error::of_channel(Recovery::Retry, "timeout", "no answer", sent);
    let throttled = || Error::of_channel(Recovery::Throttled, "http-429", "not now", false);

    let (host, seen) = answering(move |_| Err(throttled()));
    let delivered = write_sink::<MessageSink>(HTTP, false, std::slice::from_ref(&rows), &host);
    assert_eq!(delivered.unwrap_err().recovery, Recovery::Throttled);
    assert_eq!(seen.borrow().len(), 1);

    let (host, seen) = answering(move |number| match number {
        1 | 2 => Ok(HttpResponse::status(200)),
        _ => Err(throttled()),
    });
    let delivered =
        write_sink::<MessageSink>(HTTP, false, std::slice::from_ref(&rows), &host).unwrap();
    let codes: Vec<&str> = delivered.receipts[0]
        .failed
        .iter()
        .map(|row| row.code.as_str())
        .collect();
    assert_eq!(
        (delivered.receipts[0].accepted, codes),
        (2, vec!["http-429", "not-tried"])
    );
    assert_eq!(seen.borrow().len(), 3);

    let (host, _) = answering(move |_| Err(slow(true)()));
    let delivered =
        write_sink::<MessageSink>(HTTP, false, std::slice::from_ref(&rows), &host).unwrap();
    assert!(
        delivered.receipts[0]
            .failed
            .iter()
            .all(|row| row.code == Receipt::UNKNOWN)
    );
    let (host, _) = answering(move |_| Err(slow(false)()));
    let delivered = write_sink::<MessageSink>(HTTP, false, std::slice::from_ref(&rows), &host);
    assert_eq!(delivered.unwrap_err().code, "timeout");
}

#[test]
fn a_mail_has_the_id_of_its_message_and_the_click_of_its_advertisement() {
    let mails = |rows: &Batch, dry_run: bool| {
        let seen: Rc<RefCell<Vec<MailMessage>>> = Rc::default();
        let requests = Rc::clone(&seen);
        let host = MockHost::new().mail("server", move |message| {
            requests.borrow_mut().push(message.clone());
            Ok("OK queued".to_string())
        });
        let delivered =
            write_sink::<MessageSink>(MAIL, dry_run, std::slice::from_ref(rows), &host).unwrap();
        let seen = seen.borrow().clone();
        (delivered.receipts[0].clone(), seen)
    };
    let rows = composed(2);
    let (receipt, seen) = mails(&rows, false);
    assert_eq!((receipt.accepted, seen.len()), (2, 2), "{receipt:?}");
    assert_eq!(seen[0].from, "care@shop.example");
    assert_eq!(seen[0].to, rows.utf8("address").unwrap().get(0).unwrap());
    assert!(seen[0].message_id.ends_with("@shop.example"));
    assert_ne!(seen[0].message_id, seen[1].message_id);
    assert_eq!(mails(&rows, false).1[0].message_id, seen[0].message_id);
    let (receipt, seen) = mails(&rows, true);
    assert_eq!(
        (receipt.accepted, seen.len()),
        (2, 0),
        "a dry run sends nothing"
    );

    let advert = case("advertisement").option("as_of", "2026-03-31T15:00:00Z");
    let rows = advert.call().run().unwrap();
    let (receipt, seen) = mails(&rows, false);
    assert_eq!(receipt.accepted, 1, "{receipt:?}");
    let names: Vec<&str> = seen[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["List-Unsubscribe", "List-Unsubscribe-Post"]);
    assert_eq!(seen[0].headers[1].1, "List-Unsubscribe=One-Click");
}

#[test]
fn what_goes_by_post_is_a_file_to_print() {
    let mut posted = case("service_notice").option("as_of", "2026-03-31T15:00:00Z");
    posted = posted.crowd(3);
    posted.persons[1] = common::changed(&posted.persons[1], "channel", "post");
    posted.persons[1] = common::changed(
        &posted.persons[1],
        "address",
        "Aiko Mori\n1-2-3 Kita\nSapporo",
    );
    let rows = posted.call().run().unwrap();
    let host = MockHost::new().output("outbox");
    let delivered =
        write_sink::<MessageSink>("{}", false, std::slice::from_ref(&rows), &host).unwrap();
    let summary = &delivered.receipts[0].summary;
    assert!(summary.contains("1 page to print in"), "{summary}");
    let written = host.objects("outbox");
    let (_, page) = written
        .iter()
        .find(|(name, _)| name.ends_with("000000-post.txt"))
        .unwrap();
    let page = String::from_utf8(page.clone()).unwrap();
    assert!(
        page.starts_with("Federweg 1, Chur\n\n\nAiko Mori\n1-2-3 Kita\nSapporo\n\n\n"),
        "{page}"
    );
    assert!(!page.contains('\u{c}'), "one page");
}
