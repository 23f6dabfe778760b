//! Rules as rows: which one binds, which are refused, and what a change of rules would change.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Case, case, expect};

#[test]
fn rows_that_cannot_be_read_are_errors_with_their_place() {
    for (row, what) in [
        ("rule=windw|value=08:00-21:00", "no type of rule"),
        ("rule=window|value=9pm-8am", "cannot be read as window"),
        ("rule=window|value=08:00-08:00", "cannot be read as window"),
        ("rule=cap|value=often", "cannot be read as cap"),
        ("rule=cap|value=4/0 days", "cannot be read as cap"),
        (
            "rule=deadline_hours|value=999999",
            "cannot be read as deadline_hours",
        ),
        ("rule=holdout|value=120 %", "cannot be read as holdout"),
        ("rule=restricted|value=/(/", "cannot be read as restricted"),
        (
            "rule=logo_sha256|value=abc",
            "cannot be read as logo_sha256",
        ),
        (
            "rule=cap|value=1/day|valid_from=someday",
            "valid_from is \"someday\"",
        ),
        (
            "rule=cap|value=1/day|purpose=fun",
            "the purpose \"fun\" is not known",
        ),
        ("rule=law|value=GDPR", "must name its source"),
        (
            "rule=consent|value=opt-out|source=a|version=1",
            "must name its source",
        ),
    ] {
        let mut wrong = case("advertisement");
        wrong.rules = vec![row.to_string()];
        let error = wrong.try_run().unwrap_err();
        assert!(
            error.message.contains("rules, row 1") && error.message.contains(what),
            "{row}: {}",
            error.message
        );
    }
}

#[test]
fn a_rule_holds_from_its_first_day_to_its_last() {
    let dated = |from: &str, to: &str| {
        let mut case = case("advertisement");
        case.rules = vec![format!(
            "rule=cap|value=0/day|valid_from={from}|valid_to={to}"
        )];
        case.one()
    };
    expect(&dated("2026-03-31", ""), "suppress", &["frequency-cap"]);
    expect(&dated("", "2026-03-31"), "suppress", &["frequency-cap"]);
    expect(&dated("2026-04-01", ""), "send", &[]);
    expect(&dated("", "2026-03-30"), "send", &[]);
    let newer = case("advertisement");
    let with = |rows: &[&str]| Case {
        rules: rows.iter().map(|row| (*row).to_string()).collect(),
        ..newer.clone()
    };
    let (old, new) = (
        "rule=window|value=12:00-13:00|valid_from=2025-01-01",
        "rule=window|value=08:00-21:00|valid_from=2026-01-01",
    );
    for rows in [[old, new], [new, old]] {
        assert_eq!(
            with(&rows).one().earliest(),
            "2026-03-31T09:00:00Z",
            "the newer of two rules for one place"
        );
    }
}

#[test]
fn a_change_of_rules_is_tried_before_it_holds() {
    let mut both = case("advertisement").crowd(3);
    both.rules = vec![
        "rule=window|value=08:00-21:00|valid_from=2025-01-01|version=1".into(),
        "rule=window|value=10:00-12:00|valid_from=2026-05-01|version=2".into(),
        "rule=restricted|value=colours|valid_from=2026-05-01|version=2".into(),
    ];
    let now = both.run();
    let then = both.option("rules_on", "2026-05-01").run();
    for (now, then) in now.iter().zip(&then) {
        assert_eq!(now.get("customer_id"), then.get("customer_id"));
        expect(now, "send", &[]);
        expect(then, "suppress", &["restricted-word"]);
    }
}

#[test]
fn the_law_is_named_with_version_day_and_source() {
    let message = case("advertisement")
        .rule_for(
            "law",
            "特定電子メール法 3条",
            "country=JP|purpose=advertisement",
        )
        .rule_for("law", "CAN-SPAM", "country=US|purpose=advertisement")
        .one();
    let reasons = message.reasons();
    assert!(
        reasons.contains("特定電子メール法 3条, rule version 1 from 2020-01-01, a test"),
        "{reasons}"
    );
    assert!(!reasons.contains("CAN-SPAM"));
    let union = |country: &str| {
        let rule = case("safety_recall").rule_for(
            "law",
            "GPSR Art. 36",
            "country=EU|purpose=safety_recall",
        );
        rule.person("country", country)
            .one()
            .reasons()
            .contains("GPSR")
    };
    assert!(union("DE") && union("FR") && !union("CH") && !union("US"));
}

#[test]
fn restricted_words_and_patterns_disable_sending() {
    let with_word = |rule: &str, more: &str| {
        case("advertisement")
            .rule_for("restricted", rule, more)
            .one()
    };
    expect(
        &with_word("new colours", ""),
        "suppress",
        &["restricted-word"],
    );
    expect(
        &with_word("NEW  Colours", ""),
        "suppress",
        &["restricted-word"],
    );
    expect(
        &with_word("/new +colou?rs/", ""),
        "suppress",
        &["restricted-word"],
    );
    expect(&with_word("colour", ""), "send", &[]);
    expect(&with_word("new colours", "language=de"), "send", &[]);
    expect(
        &with_word("new colours", "purpose=safety_recall"),
        "send",
        &[],
    );
    let recall = case("safety_recall").rule("restricted", "shoes").one();
    expect(&recall, "review", &["restricted-word", "alert"]);
}
