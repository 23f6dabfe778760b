//! What depends on how many are written to; and what must not depend on anything.

#![allow(clippy::unwrap_used)]

mod common;

use common::{AD_BODY, Case, case, changed, expect, messages, template};

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
        assert_eq!(message.get("recipients"), Some("5"));
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

/// The first messages are returned long before the last one, with the counts over all of them.
#[test]
fn a_large_send_is_counted_to_the_last_person() {
    let people = 2_500;
    let mut ad = case("advertisement");
    ad.templates = vec![template(
        "news",
        "advertisement",
        "en",
        &AD_BODY.replace("new colours", "only for you"),
    )];
    let messages = ad.crowd(people).run();
    assert_eq!(messages.len(), people);
    for message in messages {
        expect(&message, "review", &["exclusive-wording", "large-send"]);
        assert_eq!(message.get("recipients"), Some("2500"));
        assert!(message.reasons().contains("2500 people of this incident"));
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
    for rows in [
        &mut case.targets,
        &mut case.templates,
        &mut case.persons,
        &mut case.consents,
        &mut case.history,
    ] {
        rows.reverse();
    }
    for cut in [1, 2, 3] {
        let again = messages(&case.call().run_cut(cut).unwrap());
        assert_eq!(again, whole, "cut by {cut}");
    }
}

#[test]
fn the_content_hash_is_stable_and_covers_the_words() {
    let hash = |case: Case| case.one().get("content_hash").unwrap().to_string();
    let own = hash(case("service_notice"));
    assert_eq!(
        own,
        "b9ff12dd0e4e2a5a53a31f51a4be6082ddb42b15ba73e85d8560e663e350ad0f"
    );
    assert_eq!(
        hash(case("service_notice").target("order_id", "O-9")),
        own,
        "not in the words"
    );
    assert_ne!(
        hash(case("service_notice").person("name", "Aiko Mora")),
        own
    );
    assert_ne!(hash(case("service_notice").person("channel", "post")), own);
}
