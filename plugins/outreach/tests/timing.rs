//! Quiet hours, zones, daylight saving and caps, in the recipient's own time.

mod common;

use common::{Case, case, expect};
use tsugi_outreach::message::Message;

fn at(case: Case, as_of: &str) -> Message {
    case.option("as_of", as_of).one()
}

fn earliest(message: &Message) -> String {
    message
        .earliest_at
        .map(|at| at.to_string())
        .unwrap_or_default()
}

/// The ad in Zurich with a window, at an instant.
fn zurich(from: &str, to: &str, as_of: &str) -> String {
    let case = case("advertisement")
        .person("time_zone", "Europe/Zurich")
        .option("quiet_from", from)
        .option("quiet_to", to);
    let message = at(case, as_of);
    expect(&message, "send", &[]);
    earliest(&message)
}

#[test]
fn half_past_five_waits_for_six() {
    // 05:30 and 06:00 in Tokyo, window 22:00 to 06:00.
    let case = case("service_notice")
        .option("quiet_from", "22:00")
        .option("quiet_to", "06:00");
    let message = at(case, "2026-03-30T20:30:00Z");
    expect(&message, "send", &["quiet-hours"]);
    assert_eq!(earliest(&message), "2026-03-30T21:00:00Z");
}

#[test]
fn both_ends_of_the_day_are_inclusive() {
    for (written, expected) in [
        ("2026-03-30T22:59:00Z", "2026-03-30T23:00:00Z"), // 07:59
        ("2026-03-30T23:00:00Z", "2026-03-30T23:00:00Z"), // 08:00
        ("2026-03-31T12:00:00Z", "2026-03-31T12:00:00Z"), // 21:00
        ("2026-03-31T12:01:00Z", "2026-03-31T23:00:00Z"), // 21:01, next day
        ("2026-03-31T12:00:01Z", "2026-03-31T23:00:00Z"),
    ] {
        let message = at(
            case("advertisement")
                .person("channel", "sms")
                .person("address", "+81 00-0000-0000")
                .consent_by("sms"),
            written,
        );
        expect(&message, "send", &[]);
        assert_eq!(earliest(&message), expected, "from {written}");
    }
}

impl ByChannel for Case {
    fn consent_by(mut self, channel: &str) -> Case {
        self.consents = self
            .consents
            .iter()
            .map(|row| common::changed(row, "channel", channel))
            .collect();
        self
    }
}

trait ByChannel {
    fn consent_by(self, channel: &str) -> Case;
}

#[test]
fn a_quiet_window_in_the_middle_of_the_day_works_too() {
    assert_eq!(
        zurich("12:00", "13:30", "2026-03-31T10:15:00Z"),
        "2026-03-31T11:30:00Z"
    );
    assert_eq!(
        zurich("12:00", "13:30", "2026-03-31T09:59:00Z"),
        "2026-03-31T09:59:00Z"
    );
}

#[test]
fn spring_and_autumn_mornings_come_at_their_true_moment() {
    // The night to 2026-03-29 is an hour short in Zurich, the night to 2026-10-25 an hour long.
    assert_eq!(
        zurich("21:00", "08:00", "2026-03-28T22:00:00Z"),
        "2026-03-29T06:00:00Z"
    );
    assert_eq!(
        zurich("21:00", "08:00", "2026-03-27T22:00:00Z"),
        "2026-03-28T07:00:00Z"
    );
    assert_eq!(
        zurich("21:00", "08:00", "2026-10-24T20:00:00Z"),
        "2026-10-25T07:00:00Z"
    );
    // 02:30 does not exist on 2026-03-29: the clock jumps from 02:00 to 03:00 at 01:00Z.
    assert_eq!(
        zurich("21:00", "02:30", "2026-03-28T23:00:00Z"),
        "2026-03-29T01:00:00Z"
    );
    // 02:30 comes twice on 2026-10-25, at 00:30Z and 01:30Z.
    assert_eq!(
        zurich("21:00", "02:30", "2026-10-24T23:00:00Z"),
        "2026-10-25T00:30:00Z"
    );
    assert_eq!(
        zurich("21:00", "02:30", "2026-10-25T01:10:00Z"),
        "2026-10-25T01:30:00Z"
    );
}

#[test]
fn an_unknown_zone_holds_what_can_wait() {
    for zone in ["", "Mars/Olympus", "Etc/Unknown"] {
        for purpose in ["advertisement", "service_notice"] {
            let message = case(purpose).person("time_zone", zone).one();
            expect(&message, "hold", &["time-zone-unknown"]);
            assert_eq!(message.earliest_at, None);
        }
    }
}

#[test]
fn a_recall_to_an_unknown_zone_goes_when_the_whole_country_is_awake() {
    let japan = case("safety_recall").person("time_zone", "");
    let message = at(japan.clone(), "2026-03-31T09:00:00Z");
    expect(&message, "send", &["time-zone-unknown"]);
    assert_eq!(earliest(&message), "2026-03-31T09:00:00Z");
    assert_eq!(
        earliest(&at(japan, "2026-03-31T14:00:00Z")),
        "2026-03-31T23:00:00Z"
    );
    // Eight in Adak (Hawaii-Aleutian time) is half past one in the afternoon or so in New York.
    let states = case("safety_recall")
        .person("time_zone", "")
        .person("country", "US");
    let message = at(states, "2026-01-15T10:00:00Z");
    assert_eq!(earliest(&message), "2026-01-15T18:00:00Z");
    let nowhere = case("safety_recall")
        .person("time_zone", "")
        .person("country", "");
    let message = at(nowhere, "2026-03-31T09:00:00Z");
    expect(&message, "hold", &["time-zone-unknown", "alert"]);
}

#[test]
fn a_recall_is_never_timed_past_its_deadline() {
    let late = case("safety_recall").option("recall_deadline_hours", "2");
    let message = at(late, "2026-03-31T13:00:00Z");
    expect(&message, "send", &["quiet-hours-overridden"]);
    assert_eq!(earliest(&message), "2026-03-31T15:00:00Z");
    let notice = at(
        case("service_notice").option("recall_deadline_hours", "2"),
        "2026-03-31T13:00:00Z",
    );
    assert_eq!(earliest(&notice), "2026-03-31T23:00:00Z");
}

#[test]
fn a_letter_wakes_nobody() {
    let letter = case("service_notice")
        .person("channel", "post")
        .person("address", "Hanemachi 1")
        .person("time_zone", "");
    let message = at(letter, "2026-03-31T15:00:00Z");
    expect(&message, "send", &[]);
    assert_eq!(earliest(&message), "2026-03-31T15:00:00Z");
}

#[test]
fn caps_count_calendar_days_and_weeks_of_the_recipient() {
    let ad = |sent: &[&str], as_of: &str, week: &str| {
        let mut case = case("advertisement")
            .option("quiet_from", "04:00")
            .option("quiet_to", "04:01")
            .option("cap_per_week", week);
        case.history.extend(sent.iter().map(|at| format!("customer_id=C-1|template=old|purpose=advertisement|channel=sms|sent_at={at}|outcome=delivered")));
        at(case, as_of)
    };
    // Sent at 23:50 on the 30th in Tokyo; 00:10 is another day, 23:55 is not.
    expect(
        &ad(&["2026-03-30T14:50:00Z"], "2026-03-30T15:10:00Z", "9"),
        "send",
        &[],
    );
    let over = ad(&["2026-03-30T14:50:00Z"], "2026-03-30T14:55:00Z", "9");
    expect(&over, "suppress", &["frequency-cap"]);
    assert_eq!(over.earliest_at, None);
    // Monday the 30th begins the week: Sunday's message does not count in it.
    let week = [
        "2026-03-29T03:00:00Z",
        "2026-03-30T03:00:00Z",
        "2026-03-31T03:00:00Z",
    ];
    expect(&ad(&week, "2026-04-01T03:00:00Z", "3"), "send", &[]);
    expect(
        &ad(&week, "2026-04-01T03:00:00Z", "2"),
        "suppress",
        &["frequency-cap"],
    );
    expect(
        &ad(&["someday"], "2026-04-01T03:00:00Z", "2"),
        "review",
        &["history-unreadable"],
    );
}

#[test]
fn caps_bind_within_one_run_and_never_a_notice() {
    let mut two = case("advertisement");
    two.targets
        .push(common::changed(&two.targets[0], "incident", "I-2"));
    let all = two.run();
    expect(&all[0], "send", &[]);
    expect(&all[1], "suppress", &["frequency-cap"]);
    for purpose in ["safety_recall", "service_notice"] {
        let notice = case(purpose)
            .option("cap_per_day", "0")
            .option("cap_per_week", "0");
        expect(&notice.one(), "send", &[]);
    }
}

#[test]
fn wrong_options_are_errors_that_name_the_option() {
    for (name, value) in [
        ("as_of", "today"),
        ("quiet_from", "9pm"),
        ("quiet_to", "21:00"),
        ("cap_per_day", "-1"),
        ("colour", "red"),
        ("recall_deadline_hours", "999999999"),
        ("country_languages", "JP"),
    ] {
        let fault = case("advertisement")
            .option(name, value)
            .try_run()
            .unwrap_err();
        assert_eq!(fault.code, "bad-option");
        assert!(
            fault.message.contains(name) || name == "quiet_to",
            "{fault}"
        );
    }
}
