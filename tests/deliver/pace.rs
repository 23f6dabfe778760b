//! How fast a delivery goes, and where it stops advertising: by the ledger, by a table of complaints, by
//! what the channel says. A recall is held by none of it.

use std::time::{Duration, Instant};

use crate::sample_copy::objects;
use crate::support::{alter, assert_printed};

use super::Messages;
use super::servers::{HttpServer, Manner, SmtpServer};

/// Adds lines to the delivery, which is the last section of pipeline.toml.
fn add(messages: &Messages, lines: &str) {
    let text = messages.project.read("pipeline.toml");
    messages
        .project
        .write("pipeline.toml", &format!("{text}{lines}\n"));
}

/// Makes what left seem to have left so long ago.
async fn age(messages: &Messages, ago: chrono::TimeDelta) {
    let at = (chrono::Utc::now() - ago).format("%Y-%m-%d %H:%M:%S%.6f+00");
    let sql = format!("UPDATE intent SET intended_at = '{at}'");
    alter(
        &messages.project.path(".tsugi"),
        "ledger/ledger.sqlite",
        sql,
    )
    .await;
    messages.accept();
}

#[tokio::test]
async fn a_rate_of_the_day_holds_when_the_command_starts_again() {
    let messages = Messages::new("paced-day", 20);
    messages.approve();
    add(&messages, "per_day = 7");
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    for sentence in [
        "messages: 7 sent",
        "11 not sent and still owed",
        "messages: stopped: `per_day = 7` is used up, go on after 20",
    ] {
        assert!(
            outcome.stdout.contains(sentence),
            "{sentence}: {}",
            outcome.stdout
        );
    }
    let counts = messages.deliver(1);
    assert_eq!((counts["sent"], counts["already"]), (0, 7), "not at once");
    for (sent, code) in [(7, 1), (4, 0)] {
        age(&messages, chrono::TimeDelta::hours(25)).await;
        assert_eq!(messages.deliver(code)["sent"], sent, "on another day");
    }
    messages.assert_all_sent_once("three days");
}

#[tokio::test]
async fn a_rate_of_the_minute_is_waited_for() {
    let messages = Messages::new("paced-minute", 10);
    messages.approve();
    add(&messages, "per_day = 5");
    assert_eq!(messages.deliver(1)["sent"], 5);
    messages.project.edit(
        "pipeline.toml",
        "per_day = 5",
        "per_minute = 5\nper_hour = 100",
    );
    age(&messages, chrono::TimeDelta::seconds(55)).await;
    let started = Instant::now();
    assert_eq!(messages.deliver(0)["sent"], 3);
    let took = started.elapsed();
    assert!(
        Duration::from_secs(3) < took && took < Duration::from_secs(30),
        "it waits for the minute to end: {took:?}"
    );
    messages.assert_all_sent_once("after a wait");
}

#[test]
fn a_rate_of_nothing_and_a_table_without_complaints_are_errors() {
    let messages = Messages::new("paced-wrong", 5);
    let whole = messages.project.read("pipeline.toml");
    for (line, words) in [
        ("per_day = 0", "between 1 and"),
        ("per_minut = 1", "did you mean `per_minute`?"),
        (
            "complaints = \"outreach.mesages\"",
            "did you mean `outreach.messages`?",
        ),
        (
            "complaints = \"seeds.people\"",
            "`seeds.people` has no column `complained`, which `complaints` of the delivery `messages` needs",
        ),
    ] {
        add(&messages, line);
        let outcome = messages.project.tsugi("check", &[]).ended(2);
        assert!(outcome.stderr.contains(words), "{line}: {}", outcome.stderr);
        messages.project.write("pipeline.toml", &whole);
    }
    add(&messages, "complaints = \"outreach.messages\"");
    let outcome = messages.project.tsugi("deliver", &[]).ended(2);
    assert_printed!(outcome.stderr, @r#"
    error: `outreach.messages` has no column `sent`, which `complaints` of the delivery `messages` needs
      --> pipeline.toml:16:14
        |
     16 | complaints = "outreach.messages"
        |              ^^^^^^^^^^^^^^^^^^^
    hint: select it in models/outreach/messages.sql: how many were sent

    error: `outreach.messages` has no column `complained`, which `complaints` of the delivery `messages` needs
      --> pipeline.toml:16:14
        |
     16 | complaints = "outreach.messages"
        |              ^^^^^^^^^^^^^^^^^^^
    hint: select it in models/outreach/messages.sql: how many recipients complained

    2 errors; nothing ran
    "#);
}

/// Of three people one gets a recall, one a notice and one an advertisement they agreed to.
const MIXED: &str = "-- Messages to customers.
SELECT * FROM compose(
  targets => (SELECT CASE kind WHEN 'advertisement' THEN 'spring' ELSE 'sole_crack: a lot' END AS incident, customer_id, 'certain' AS certainty,
                     order_id, product, 'L-1' AS finished_lot, kind AS purpose,
                     CASE kind WHEN 'safety_recall' THEN 'sole-recall' WHEN 'service_notice' THEN 'sole-notice' ELSE 'spring-news' END AS template_id
              FROM (SELECT *, CASE CAST(substr(customer_id, 3) AS INT) % 3 WHEN 0 THEN 'safety_recall' WHEN 1 THEN 'service_notice'
                                   ELSE 'advertisement' END AS kind FROM seeds.bought)),
  templates => (SELECT * FROM seeds.templates),
  persons => (SELECT * FROM seeds.people),
  consents => (SELECT customer_id, 'advertisement' AS purpose, 'granted' AS state, '2024-01-01' AS at, 'form 7' AS proof FROM seeds.people),
  history => (SELECT * FROM seeds.history),
  as_of => $as_of, review_over => 10000)
";

fn received(complained: u32) -> String {
    format!(
        "-- What came back.\nSELECT 'email' AS channel, 'advertisement' AS purpose, 1000 AS sent, {complained} AS complained\n"
    )
}

fn mixed(name: &str, people: usize, complained: u32) -> Messages {
    let messages = Messages::new(name, people);
    messages
        .project
        .write("models/outreach/messages.sql", MIXED);
    messages
        .project
        .write("models/outreach/received.sql", &received(complained));
    messages.project.tsugi("run", &[]).ended(0);
    for review in messages.reviews() {
        let words = [review["id"].as_str().unwrap(), "--by", "Mika Sato"];
        messages.project.tsugi("review approve", &words).ended(0);
    }
    messages
}

/// How many messages of a purpose may leave.
fn meant(messages: &Messages, purpose: &str) -> u64 {
    let sql = format!(
        "SELECT count(*) AS n FROM outreach.messages WHERE purpose = '{purpose}' AND decision IN ('send', 'review') AND earliest_at IS NOT NULL"
    );
    messages.project.rows(&sql)[0]["n"].as_u64().unwrap()
}

#[test]
fn complaints_stop_advertisements_and_nothing_else() {
    let messages = mixed("complaints", 30, 3);
    let [recalls, notices, ads] = ["safety_recall", "service_notice", "advertisement"]
        .map(|purpose| meant(&messages, purpose));
    assert!(
        recalls > 5 && notices > 5 && ads > 5,
        "{recalls} {notices} {ads}"
    );
    add(&messages, "complaints = \"outreach.received\"");
    let why = "3 complaints about 1000 advertisements by email, and 3 in 1,000 stop them";
    for dry in [&["--dry-run"][..], &[]] {
        let outcome = messages.project.tsugi("deliver", dry).ended(1);
        for sentence in [
            format!("messages: {} ", recalls + notices),
            format!("{ads} not sent and still owed"),
            format!("advertisements stopped: {why}"),
            format!("a person must look: recalls leave in spite of {why}"),
        ] {
            assert!(
                outcome.stdout.contains(&sentence),
                "{sentence}: {}",
                outcome.stdout
            );
        }
    }
    let sent = messages.outbox().len() as u64;
    assert_eq!(sent, recalls + notices);

    messages
        .project
        .write("models/outreach/received.sql", &received(2));
    messages.project.tsugi("run", &[]).ended(0);
    let counts = messages.deliver(0);
    assert_eq!((counts["sent"], counts["already"]), (ads, sent));
    assert!(messages.outbox().values().all(|times| *times == 1));
}

#[test]
fn complaints_that_the_channel_tells_stop_advertisements_too() {
    let body = "{\"code\":\"complained\"}";
    let answer = format!(
        "HTTP/1.1 422 No\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let server = HttpServer::start(Manner::Says(answer));
    let messages = mixed("complaints-table", 30, 0);
    let [recalls, notices, ads] = ["safety_recall", "service_notice", "advertisement"]
        .map(|purpose| meant(&messages, purpose));
    messages.channel(&format!(
        "config = {{ channel = \"http\" }}\n\
         grants.http.channel = {{ url = \"http://127.0.0.1:{}/in\", methods = [\"POST\"] }}\n",
        server.port
    ));
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    let tried = recalls + notices + 3;
    for sentence in [
        format!("{tried} refused by the channel and still owed"),
        format!("{} not sent and still owed", ads - 3),
        "advertisements stopped: 3 complaints about 3 advertisements by email".to_owned(),
    ] {
        assert!(
            outcome.stdout.contains(&sentence),
            "{sentence}: {}",
            outcome.stdout
        );
    }
    assert_eq!(server.seen().requests.len() as u64, tried);
}

#[test]
fn a_recall_is_held_by_no_rate() {
    let messages = mixed("paced-recall", 30, 0);
    let [recalls, notices, ads] = ["safety_recall", "service_notice", "advertisement"]
        .map(|purpose| meant(&messages, purpose));
    add(&messages, "per_day = 2");
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    for sentence in [
        format!("messages: {recalls} sent"),
        format!("{} not sent and still owed", notices + ads),
        "a person must look: recalls leave although `per_day = 2` is used up".to_owned(),
    ] {
        assert!(
            outcome.stdout.contains(&sentence),
            "{sentence}: {}",
            outcome.stdout
        );
    }
    for (_, text) in messages.objects() {
        for message in objects(&text) {
            assert_eq!(message["purpose"], "safety_recall", "they go first");
        }
    }
}

#[test]
fn an_advertisement_by_mail_has_one_click_of_refusal_when_it_arrives() {
    let Some(server) = SmtpServer::start("one-click-server") else {
        return;
    };
    let messages = mixed("one-click", 30, 0);
    messages.channel(&format!(
        "config = {{ channel = \"mail\", from = \"care@shop.example\" }}\n\
         grants.mail.server = {{ url = \"smtp://127.0.0.1:{}\", from = \"care@shop.example\" }}\n",
        server.port
    ));
    messages.deliver(0);
    let (mut ads, mut notices) = (0, 0);
    for message in server.messages() {
        let click = (
            message["unsubscribe"].as_str(),
            message["unsubscribe_post"].as_str(),
        );
        if message["subject"].as_str().unwrap().contains("spring") {
            ads += 1;
            let (link, post) = click;
            assert!(
                link.unwrap()
                    .starts_with("<https://morihane.example/en/stop"),
                "{link:?}"
            );
            assert_eq!(post, Some("List-Unsubscribe=One-Click"));
        } else {
            notices += 1;
            assert_eq!(click, (None, None), "a notice cannot be refused");
        }
    }
    assert_eq!(ads, meant(&messages, "advertisement"));
    assert!(notices > 10);
}
