//! Purpose, consent, addressee, history, offers: each rule changes one thing and is seen.

#![allow(clippy::unwrap_used)]

mod common;

use common::{case, expect, template};

const ALL: [&str; 3] = ["safety_recall", "service_notice", "advertisement"];

#[test]
fn each_purpose_goes_out_when_nothing_stands_against_it() {
    for purpose in ALL {
        let message = case(purpose).one();
        expect(&message, "send", &[]);
        assert_eq!(message.earliest(), "2026-03-31T09:00:00Z");
        assert_eq!(message.get("address"), Some("aiko@mail.example"));
        assert_eq!(message.get("recipients"), Some("1"));
    }
}

#[test]
fn notices_need_no_consent_and_outlive_a_refusal() {
    for purpose in ["safety_recall", "service_notice"] {
        let mut without = case(purpose);
        without.consents.clear();
        expect(&without.one(), "send", &["consent-not-needed"]);
        let mut refused = case(purpose);
        refused.consents = vec!["customer_id=C-1|purpose=advertisement|channel=email|state=refused|at=2026-01-01|proof=call-1".into()];
        let message = refused.one();
        expect(&message, "send", &["consent-not-needed"]);
        assert!(message.reasons().contains("does not bind"));
    }
}

#[test]
fn an_advertisement_needs_a_proven_consent() {
    let consent = |rows: &[&str]| {
        let mut case = case("advertisement");
        case.consents = rows
            .iter()
            .map(|row| format!("customer_id=C-1|purpose=advertisement|{row}"))
            .collect();
        case.one()
    };
    expect(&consent(&[]), "suppress", &["consent-missing"]);
    expect(
        &consent(&["channel=email|state=unconfirmed|at=2026-01-01"]),
        "suppress",
        &["consent-unconfirmed"],
    );
    expect(
        &consent(&["channel=email|state=granted|at=2026-01-01"]),
        "suppress",
        &["consent-unproven"],
    );
    expect(
        &consent(&["channel=sms|state=granted|at=2026-01-01|proof=f"]),
        "suppress",
        &["consent-missing"],
    );
    expect(
        &consent(&["channel=email|state=granted|at=2026-12-01|proof=f"]),
        "suppress",
        &["consent-missing"],
    );
    expect(
        &consent(&["channel=all|state=granted|at=2026-01-01|proof=f"]),
        "send",
        &["consent-granted"],
    );
}

#[test]
fn a_refusal_stands_on_every_channel_until_a_later_proven_consent() {
    let consent = |rows: &[&str]| {
        let mut case = case("advertisement");
        case.consents = rows
            .iter()
            .map(|row| format!("customer_id=C-1|purpose=advertisement|{row}"))
            .collect();
        case.one()
    };
    let granted = "channel=email|state=granted|at=2026-01-01|proof=f";
    expect(
        &consent(&[granted, "channel=email|state=refused|at=2026-02-01"]),
        "suppress",
        &["refused"],
    );
    expect(
        &consent(&[granted, "channel=sms|state=refused|at=2025-02-01"]),
        "suppress",
        &["refused"],
    );
    expect(
        &consent(&[granted, "channel=email|state=refused|at=2026-01-01"]),
        "suppress",
        &["refused"],
    );
    expect(
        &consent(&[granted, "channel=email|state=refused|at=someday"]),
        "suppress",
        &["refused"],
    );
    expect(
        &consent(&[granted, "channel=email|state=refused|at=2025-02-01"]),
        "send",
        &["consent-granted"],
    );
}

#[test]
fn who_unsubscribed_after_a_message_has_refused() {
    let mut unsubscribed = case("advertisement");
    unsubscribed.history.push("customer_id=C-1|channel=email|template=care|purpose=service|sent_at=2026-02-01|outcome=unsubscribed".into());
    expect(&unsubscribed.one(), "suppress", &["refused"]);
}

#[test]
fn mixed_counts_as_advertisement_and_never_swallows_a_recall() {
    let mut service = case("service_notice+advertisement");
    service.consents.clear();
    expect(
        &service.one(),
        "suppress",
        &["mixed-purpose", "consent-missing"],
    );
    let mut recall = case("safety_recall + advertisement");
    recall.consents.clear();
    let message = recall.one();
    expect(
        &message,
        "review",
        &["mixed-purpose", "consent-missing", "alert"],
    );
    assert!(message.get("earliest_at").is_some());
}

#[test]
fn a_notice_and_an_advertisement_of_one_incident_are_not_joined() {
    let mut both = case("advertisement");
    both.targets.extend(case("service_notice").targets);
    let message = both.one();
    expect(&message, "send", &["purposes-separated"]);
    assert_eq!(message.get("purpose"), Some("service_notice"));
}

#[test]
fn an_unknown_purpose_is_an_error_with_its_place() {
    let fault = case("safty recall").try_run().unwrap_err();
    assert_eq!(fault.code, "unknown-purpose");
    assert!(
        fault.message.contains("targets, row 1"),
        "{}",
        fault.message
    );
}

#[test]
fn without_a_usable_contact_the_unit_is_listed() {
    for (name, value) in [
        ("addressable", "false"),
        ("address", ""),
        ("channel", ""),
        ("address", "aiko at mail"),
        ("address", "a@b.example\nBcc: c@d.example"),
    ] {
        for purpose in ALL {
            let message = case(purpose).person(name, value).one();
            expect(&message, "suppress", &["no-address"]);
            assert_eq!(message.get("earliest_at"), None);
        }
    }
    let mut stranger = case("service_notice");
    stranger.persons.clear();
    expect(&stranger.one(), "suppress", &["no-address"]);
}

#[test]
fn sales_without_a_name_stay_one_row_each() {
    let mut anonymous = case("safety_recall").target("customer_id", "");
    anonymous
        .targets
        .push(common::changed(&anonymous.targets[0], "order_id", "O-2"));
    let all = anonymous.run();
    assert_eq!(all.len(), 2);
    for message in &all {
        expect(message, "suppress", &["no-address"]);
        assert_eq!(message.get("customer_id"), None);
    }
}

#[test]
fn records_that_disagree_never_choose_an_address() {
    let mut twins = case("service_notice");
    twins.persons.push(common::changed(
        &twins.persons[0],
        "address",
        "other@mail.example",
    ));
    expect(&twins.one(), "review", &["person-ambiguous"]);
}

#[test]
fn the_same_message_is_not_sent_again() {
    let sent = |row: &str, purpose: &str| {
        let mut case = case(purpose);
        case.history.push(format!(
            "customer_id=C-1|sent_at=2026-03-20|purpose=service|{row}"
        ));
        case.one()
    };
    expect(
        &sent(
            "template=notice|incident=I-1|outcome=delivered",
            "service_notice",
        ),
        "suppress",
        &["already-sent"],
    );
    expect(
        &sent(
            "template=notice@1|incident=I-1|outcome=opened",
            "service_notice",
        ),
        "suppress",
        &["already-sent"],
    );
    expect(
        &sent("template=recall|outcome=delivered", "safety_recall"),
        "suppress",
        &["already-sent"],
    );
    expect(
        &sent(
            "template=notice|incident=I-2|outcome=delivered",
            "service_notice",
        ),
        "send",
        &[],
    );
    expect(
        &sent(
            "template=notice|incident=I-1|outcome=bounced",
            "service_notice",
        ),
        "send",
        &[],
    );
    expect(
        &sent(
            "template=notice@0|incident=I-1|outcome=delivered",
            "service_notice",
        ),
        "review",
        &["earlier-version-sent"],
    );
    expect(
        &sent(
            "template=notice|incident=I-1|outcome=unknown",
            "service_notice",
        ),
        "review",
        &["send-unknown"],
    );
}

#[test]
fn a_clock_before_the_last_message_goes_to_a_person() {
    let mut late = case("service_notice");
    late.history.push(
        "customer_id=C-1|template=care|sent_at=2026-04-02T00:00:00Z|outcome=delivered".into(),
    );
    expect(&late.one(), "review", &["clock-before-last-send"]);
}

#[test]
fn two_live_offers_of_one_kind_block_an_advertisement_and_inform_a_notice() {
    let offers = [
        "customer_id=C-1|kind=membership|terms=50 % for 1 month|valid_from=2026-03-01|valid_to=2026-04-30",
        "customer_id=C-1|kind=membership|terms=50 % for the first 3 months|valid_from=2026-03-15|valid_to=2026-03-31",
    ];
    for (purpose, decision) in [
        ("advertisement", "suppress"),
        ("service_notice", "send"),
        ("safety_recall", "send"),
    ] {
        let mut gym = case(purpose);
        gym.offers = offers.map(String::from).to_vec();
        expect(&gym.one(), decision, &["offer-conflict"]);
        gym.offers[1] = gym.offers[1].replace("2026-03-31", "2026-03-30");
        assert!(
            !gym.one().has("offer-conflict"),
            "an offer that ended is no promise"
        );
    }
    let mut campaign = case("advertisement")
        .target("offer_kind", "membership")
        .target("offer_terms", "50 % for the first 3 months");
    campaign.offers = vec![offers[0].to_string()];
    expect(&campaign.one(), "suppress", &["offer-conflict"]);
}

#[test]
fn promotion_stops_at_an_open_incident_and_important_customers_are_read() {
    expect(
        &case("advertisement")
            .person("open_severe_incident", "true")
            .one(),
        "suppress",
        &["open-incident"],
    );
    expect(
        &case("service_notice")
            .person("open_severe_incident", "true")
            .one(),
        "send",
        &[],
    );
    for purpose in ALL {
        expect(
            &case(purpose).person("value_class", "important").one(),
            "review",
            &["important-customer"],
        );
    }
}

#[test]
fn every_reason_is_given_not_only_the_first() {
    let mut all = case("advertisement")
        .person("open_severe_incident", "true")
        .person("value_class", "important")
        .person("addressable", "false");
    all.consents.clear();
    all.templates = vec![template("news", "advertisement", "fr", "{{ name }}")];
    let message = all.one();
    expect(
        &message,
        "suppress",
        &[
            "consent-missing",
            "open-incident",
            "important-customer",
            "no-address",
            "no-template",
        ],
    );
    let place = |code: &str| {
        let codes = message.codes();
        codes.iter().position(|other| *other == code).unwrap()
    };
    for heavy in ["consent-missing", "open-incident", "no-address"] {
        assert!(
            place(heavy) < place("important-customer"),
            "heaviest first: {}",
            message.reasons()
        );
    }
}
