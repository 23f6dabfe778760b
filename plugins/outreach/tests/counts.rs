//! What depends on how many are written to; and what must not depend on anything.

mod common;

use common::{AD_BODY, case, changed, expect, sheet, template};
use tsugi_outreach::compose::Compose;

#[test]
fn only_for_you_must_be_true() {
    let mut ad = case("advertisement");
    ad.templates = vec![template(
        "news",
        "advertisement",
        "en",
        &AD_BODY.replace("new colours", "only for you"),
    )];
    for message in ad.clone().crowd(5).run() {
        expect(&message, "send", &[]);
        assert_eq!(message.recipients, 5);
    }
    for message in ad.crowd(6).run() {
        expect(&message, "review", &["exclusive-wording"]);
    }
}

#[test]
fn large_sends_wait_for_a_person() {
    for message in case("safety_recall").crowd(201).run() {
        expect(&message, "review", &["large-send", "alert"]);
    }
    for message in case("safety_recall").crowd(200).run() {
        expect(&message, "send", &[]);
    }
}

#[test]
fn order_and_cutting_of_the_rows_change_nothing() {
    let mut case = case("service_notice").crowd(7);
    case.targets
        .push(changed(&case.targets[2], "order_id", "O-7"));
    case.persons
        .push(changed(&case.persons[3], "address", "x@mail.example"));
    let whole = case.run();
    let cells: Vec<_> = whole.iter().map(|message| message.cells()).collect();
    for step in [1, 2, 3] {
        let mut compose = Compose::open(&case.options).unwrap();
        let mut ports = case.ports();
        if step == 2 {
            ports.reverse();
        }
        for (port, rows) in ports {
            let mut rows = rows.clone();
            rows.reverse();
            for part in rows.chunks(step) {
                compose.push(port, &sheet(part)).unwrap();
            }
            compose.close(port);
        }
        let again: Vec<_> = compose
            .finish()
            .iter()
            .map(|message| message.cells())
            .collect();
        assert_eq!(again, cells, "cut by {step}");
    }
}

#[test]
fn the_content_hash_is_stable_and_covers_the_words() {
    let hash = case("service_notice").one().content_hash().unwrap();
    assert_eq!(
        hash,
        "b9ff12dd0e4e2a5a53a31f51a4be6082ddb42b15ba73e85d8560e663e350ad0f"
    );
    assert_eq!(
        case("service_notice")
            .target("order_id", "O-9")
            .one()
            .content_hash()
            .unwrap(),
        hash,
        "not in the words"
    );
    assert_ne!(
        case("service_notice")
            .person("name", "Aiko Mora")
            .one()
            .content_hash()
            .unwrap(),
        hash
    );
    assert_ne!(
        case("service_notice")
            .person("channel", "post")
            .one()
            .content_hash()
            .unwrap(),
        hash
    );
}
