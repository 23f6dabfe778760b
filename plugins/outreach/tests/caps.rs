//! Caps, pauses and preferences: how often one person hears, counted in the recipient's own days.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Case, Message, case, expect};

fn at(case: Case, as_of: &str) -> Message {
    case.option("as_of", as_of).one()
}

/// The ad after earlier ones, `channel@instant` each, with rules and at any hour.
fn ad(sent: &[&str], as_of: &str, rules: &[(&str, &str)]) -> Message {
    let mut case = case("advertisement").rule("window", "always");
    for (kind, value) in rules {
        case = case.rule(kind, value);
    }
    for sent in sent {
        let (channel, at) = sent.split_once('@').unwrap_or(("sms", sent));
        case.history.push(format!(
            "customer_id=C-1|template=old|purpose=advertisement|channel={channel}|sent_at={at}|outcome=opened"
        ));
    }
    at(case, as_of)
}

#[test]
fn caps_count_calendar_days_and_weeks_of_the_recipient() {
    // Sent at 23:50 on the 30th in Tokyo; 00:10 is another day, 23:55 is not.
    let day = [("cap", "1/day")];
    expect(
        &ad(&["2026-03-30T14:50:00Z"], "2026-03-30T15:10:00Z", &day),
        "send",
        &[],
    );
    let over = ad(&["2026-03-30T14:50:00Z"], "2026-03-30T14:55:00Z", &day);
    expect(&over, "suppress", &["frequency-cap"]);
    assert_eq!(over.get("earliest_at"), None);
    assert!(
        over.reasons()
            .contains("C-1 has 1 advertisements in that period already, the cap is 1/day"),
        "{}",
        over.reasons()
    );
    // Two of today, one allowed: the person, the number and the stretch are named.
    let two = ad(
        &["2026-03-31T01:00:00Z", "email@2026-03-31T02:00:00Z"],
        "2026-03-31T03:00:00Z",
        &day,
    );
    assert!(
        two.reasons().contains("C-1 has 2") && two.reasons().contains("1/day"),
        "{}",
        two.reasons()
    );
    // Monday the 30th begins the week: Sunday's message does not count in it.
    let week = [
        "2026-03-29T03:00:00Z",
        "2026-03-30T03:00:00Z",
        "2026-03-31T03:00:00Z",
    ];
    expect(
        &ad(&week, "2026-04-01T03:00:00Z", &[("cap", "3/week")]),
        "send",
        &[],
    );
    expect(
        &ad(&week, "2026-04-01T03:00:00Z", &[("cap", "2/week")]),
        "suppress",
        &["frequency-cap"],
    );
    expect(
        &ad(&["someday"], "2026-04-01T03:00:00Z", &[]),
        "review",
        &["history-unreadable"],
    );
}

#[test]
fn a_month_that_ends_in_the_week_leaves_room_for_the_next() {
    // Weeks from Sunday, 4 a week and 2 a month; September 2026 ends on a Wednesday.
    let rules = [
        ("cap", "4/week"),
        ("cap", "2/month"),
        ("week_start", "sunday"),
    ];
    let mut sent: Vec<String> = Vec::new();
    let mut gone = Vec::new();
    for (name, day) in [
        ("Sun", "2026-09-27"),
        ("Tue", "2026-09-29"),
        ("Wed", "2026-09-30"),
        ("Thu", "2026-10-01"),
        ("Fri", "2026-10-02"),
        ("Sat", "2026-10-03"),
    ] {
        let noon = format!("{day}T03:00:00Z");
        let so_far: Vec<&str> = sent.iter().map(String::as_str).collect();
        if ad(&so_far, &noon, &rules).decision() == "send" {
            gone.push(name);
            sent.push(noon);
        }
    }
    assert_eq!(
        gone,
        ["Sun", "Tue", "Thu", "Fri"],
        "exactly four in that week"
    );
    // Without the month the week is full until it ends, on Saturday night in Tokyo.
    let four: Vec<&str> = sent.iter().map(String::as_str).collect();
    let week = [("cap", "4/week"), ("week_start", "sunday")];
    expect(
        &ad(&four, "2026-10-03T14:59:00Z", &week),
        "suppress",
        &["frequency-cap"],
    );
    expect(&ad(&four, "2026-10-03T15:00:00Z", &week), "send", &[]);
}

#[test]
fn four_in_six_days_count_on_every_channel() {
    let sent = [
        "email@2026-03-26T03:00:00Z",
        "sms@2026-03-27T03:00:00Z",
        "push@2026-03-28T03:00:00Z",
        "post@2026-03-29T03:00:00Z",
    ];
    let rules = [("cap", "4/6 days")];
    // The 26th is the first of six days that end on the 31st.
    expect(
        &ad(&sent, "2026-03-31T03:00:00Z", &rules),
        "suppress",
        &["frequency-cap"],
    );
    expect(&ad(&sent, "2026-04-01T03:00:00Z", &rules), "send", &[]);
}

#[test]
fn a_cap_may_be_for_a_channel_or_for_one_person() {
    let sent = |channel: &str| {
        format!(
            "customer_id=C-1|template=old|purpose=advertisement|channel={channel}|sent_at=2026-03-30T03:00:00Z|outcome=opened"
        )
    };
    let mut email = case("advertisement").rule_for("cap", "1/week", "channel=email");
    email.history.push(sent("sms"));
    expect(&email.one(), "send", &[]);
    email.history.push(sent("email"));
    expect(&email.one(), "suppress", &["frequency-cap"]);
    let mut own = case("advertisement")
        .rule("cap", "9/week")
        .person("cap", "1/week");
    expect(&own.one(), "send", &[]);
    own.history.push(sent("sms"));
    expect(&own.one(), "suppress", &["frequency-cap"]);
    expect(
        &own.person("cap", "few").one(),
        "review",
        &["cap-unreadable"],
    );
}

#[test]
fn a_person_may_pause_and_prefer_a_channel() {
    let paused = |purpose: &str, from: &str, to: &str| {
        case(purpose)
            .person("pause_from", from)
            .person("pause_to", to)
            .one()
    };
    expect(
        &paused("advertisement", "2026-03-01", "2026-03-31"),
        "suppress",
        &["paused"],
    );
    expect(
        &paused("advertisement", "2026-03-01", ""),
        "suppress",
        &["paused"],
    );
    expect(
        &paused("advertisement", "someday", "2026-04-30"),
        "suppress",
        &["paused"],
    );
    expect(
        &paused("advertisement", "2026-03-01", "2026-03-30"),
        "send",
        &[],
    );
    expect(
        &paused("service_notice", "2026-03-01", "2026-03-31"),
        "send",
        &[],
    );
    expect(
        &paused("safety_recall", "2026-03-01", "2026-03-31"),
        "send",
        &["paused", "alert"],
    );
    let mut two = case("service_notice").person("preferred_channel", "sms");
    two.persons.push(common::changed(
        &common::changed(&two.persons[0], "channel", "sms"),
        "address",
        "+81 00-0000-0000",
    ));
    let message = two.one();
    expect(&message, "send", &[]);
    assert_eq!(message.get("address"), Some("+81 00-0000-0000"));
}

#[test]
fn caps_bind_within_one_run_and_never_a_notice() {
    let mut two = case("advertisement");
    two.targets
        .push(common::changed(&two.targets[0], "incident", "I-2"));
    let all = two.run();
    expect(&all[0], "send", &[]);
    expect(&all[1], "suppress", &["frequency-cap"]);
    let notice = |purpose: &str| case(purpose).rule("cap", "0/day").one();
    let service = notice("service_notice");
    expect(&service, "send", &[]);
    assert!(!service.has("frequency-cap") && !service.has("alert"));
    expect(
        &notice("safety_recall"),
        "send",
        &["frequency-cap", "alert"],
    );
}
