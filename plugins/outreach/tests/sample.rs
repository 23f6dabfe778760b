//! The templates and rules of the sample.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Case, Message, case, expect, messages, text_batch};
use tsugi_plugin::Batch;

const SEEDS: [(&str, &str); 4] = [
    (
        "templates",
        include_str!("../../../pipelines/great-disconnect/seeds/templates.csv"),
    ),
    (
        "rules",
        include_str!("../../../pipelines/great-disconnect/seeds/outreach_rules.csv"),
    ),
    (
        "assets",
        include_str!("../../../pipelines/great-disconnect/seeds/assets.csv"),
    ),
    (
        "open_fields",
        include_str!("../../../pipelines/great-disconnect/seeds/open_fields.csv"),
    ),
];

/// Quoted CSV as a batch.
fn read(text: &str) -> Batch {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, quoted) {
            ('"', true) if characters.peek() == Some(&'"') => cell.extend(characters.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(character),
        }
    }
    let columns = rows.remove(0);
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Option<&str>>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| Some(cell.as_str())).collect())
        .collect();
    text_batch(&columns, &rows)
}

/// The only message, with the library, rules, pictures and partners of the sample.
fn run(case: &Case) -> Message {
    let case = Case {
        templates: Vec::new(),
        ..case.clone()
    };
    let all = SEEDS.iter();
    let run = all.fold(case.call(), |run, (port, text)| run.input(port, read(text)));
    messages(&run.run().unwrap()).remove(0)
}

/// Every text of the sample, with its purpose.
const TEXTS: [(&str, &str); 5] = [
    ("sole-recall", "safety_recall"),
    ("sole-recall-again", "safety_recall"),
    ("sole-notice", "service_notice"),
    ("spring-news", "advertisement"),
    ("first-weeks", "advertisement"),
];

/// A person of the sample's languages, to whom a text may go.
fn to(id: &str, purpose: &str, language: &str, certainty: &str) -> Case {
    let mut case = case(purpose)
        .person("language", language)
        .target("certainty", certainty)
        .target("template_id", id)
        .target("finished_lot", "L2509-069")
        .target("remedy", "");
    case.history = TEXTS
        .map(|(name, _)| {
            format!("customer_id=C-9|template={name}|sent_at=2026-01-01|outcome=delivered")
        })
        .to_vec();
    case
}

#[test]
fn every_sample_text_can_be_sent_as_it_stands() {
    for (id, purpose) in TEXTS {
        for language in ["ja", "en", "de"] {
            for certainty in ["certain", "possible"] {
                let message = run(&to(id, purpose, language, certainty));
                expect(&message, "send", &[]);
                assert_eq!(message.get("language"), Some(language));
                let body = message.body();
                assert!(body.contains("Aiko Mori") && !body.contains('{'), "{body}");
                assert_eq!(
                    purpose != "advertisement",
                    body.contains("Yama Low") && body.contains("O-1")
                );
                assert_eq!(
                    id == "first-weeks",
                    message.get("sender") == Some("モリハネ 札幌店")
                        && body.contains("モリハネ 札幌店"),
                    "{body}"
                );
            }
        }
    }
}

#[test]
fn possible_and_certain_buyers_read_different_texts() {
    for (id, purpose) in [
        ("sole-recall", "safety_recall"),
        ("sole-recall-again", "safety_recall"),
        ("sole-notice", "service_notice"),
    ] {
        for language in ["ja", "en", "de"] {
            let body = |certainty: &str| {
                run(&to(id, purpose, language, certainty))
                    .body()
                    .to_string()
            };
            assert_ne!(body("certain"), body("possible"));
        }
    }
}

#[test]
fn the_sample_rules_can_be_read_and_name_their_sources() {
    for (country, purpose, law) in [
        ("JP", "safety_recall", "消費生活用製品安全法"),
        ("JP", "advertisement", "特定電子メール法"),
        ("DE", "advertisement", "UWG § 7"),
        ("FR", "advertisement", "2002/58/EC"),
        ("DE", "safety_recall", "2023/988"),
        ("CH", "advertisement", "Art. 3(1)(o)"),
        ("US", "advertisement", "CAN-SPAM"),
    ] {
        let message = run(&case(purpose).person("country", country));
        let reasons = message.reasons();
        assert!(
            reasons.contains(law) && reasons.contains("rule version"),
            "{country}: {reasons}"
        );
    }
    let sms = case("advertisement")
        .person("country", "US")
        .person("channel", "sms")
        .person("address", "+1 555 0100000");
    expect(&run(&sms), "suppress", &["consent-missing"]);
}

#[test]
fn a_message_names_who_knows_the_buyer_and_a_second_notice_goes_to_a_person() {
    for language in ["ja", "en", "de"] {
        let first = to("sole-recall", "safety_recall", language, "certain");
        assert!(!run(&first).body().contains("Ruth Ahornfeld"));
        let first = first.target("owner_name", "Ruth Ahornfeld");
        let message = run(&first);
        expect(&message, "send", &[]);
        assert_eq!(message.body().matches("Ruth Ahornfeld").count(), 1);

        let again = to("sole-recall-again", "safety_recall", language, "certain")
            .target("review_because", "no answer since 2026-03-01");
        let message = run(&again);
        expect(&message, "review", &["review-wanted"]);
        assert!(
            message.reasons().contains("no answer since 2026-03-01"),
            "{}",
            message.reasons()
        );
        assert_ne!(message.body(), run(&first).body());
    }
}
