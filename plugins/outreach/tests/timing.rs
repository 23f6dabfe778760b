//! Open hours, zones, daylight saving and deadlines, in the recipient's own time.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Case, Message, case, expect};

fn at(case: Case, as_of: &str) -> Message {
    case.option("as_of", as_of).one()
}

fn earliest(message: &Message) -> String {
    message.earliest().to_string()
}

/// The ad in Zurich with a rule, at an instant.
fn zurich(kind: &str, hours: &str, as_of: &str) -> String {
    let case = case("advertisement")
        .person("time_zone", "Europe/Zurich")
        .rule(kind, hours);
    let message = at(case, as_of);
    expect(&message, "send", &[]);
    earliest(&message)
}

#[test]
fn half_past_five_waits_for_six() {
    // 05:30 and 06:00 in Tokyo, closed from 22:00 to 06:00, written either way.
    for (kind, hours) in [("quiet", "22:00-06:00"), ("window", "06:00-22:00")] {
        let mut case = case("service_notice").rule(kind, hours);
        if kind == "quiet" {
            case = case.rule("window", "always");
        }
        let message = at(case, "2026-03-30T20:30:00Z");
        expect(&message, "send", &["quiet-hours"]);
        assert_eq!(earliest(&message), "2026-03-30T21:00:00Z");
    }
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
        zurich("quiet", "12:00-13:30", "2026-03-31T10:15:00Z"),
        "2026-03-31T11:30:00Z"
    );
    assert_eq!(
        zurich("quiet", "12:00-13:30", "2026-03-31T09:59:00Z"),
        "2026-03-31T09:59:00Z"
    );
}

#[test]
fn windows_may_be_for_weekdays_channels_countries_and_purposes() {
    // 2026-03-31 is a Tuesday, 2026-04-04 a Saturday; Zurich is two hours ahead of UTC.
    let commute = "mon-fri 07:00-09:30";
    assert_eq!(
        zurich("quiet", commute, "2026-03-31T07:00:00Z"),
        "2026-03-31T07:30:00Z"
    );
    assert_eq!(
        zurich("quiet", commute, "2026-04-04T07:00:00Z"),
        "2026-04-04T07:00:00Z"
    );
    let office = "mon-fri 09:00-12:00, mon-thu 13:00-17:00";
    assert_eq!(
        zurich("window", office, "2026-03-31T10:30:00Z"),
        "2026-03-31T11:00:00Z"
    );
    assert_eq!(
        zurich("window", office, "2026-04-03T10:30:00Z"),
        "2026-04-06T07:00:00Z"
    );
    let several = case("advertisement")
        .person("time_zone", "Europe/Zurich")
        .person("country", "CH")
        .rule("window", "06:00-22:00")
        .rule_for("window", "10:00-18:00", "channel=email")
        .rule_for("window", "12:00-18:00", "country=CH")
        .rule_for(
            "window",
            "14:00-18:00",
            "country=CH|channel=email|purpose=safety_recall",
        );
    assert_eq!(
        earliest(&at(several, "2026-03-31T05:00:00Z")),
        "2026-03-31T10:00:00Z",
        "the country says most"
    );
}

#[test]
fn spring_and_autumn_mornings_come_at_their_true_moment() {
    // The night to 2026-03-29 is an hour short in Zurich, the night to 2026-10-25 an hour long.
    for (hours, as_of, expected) in [
        (
            "08:00-21:00",
            "2026-03-28T22:00:00Z",
            "2026-03-29T06:00:00Z",
        ),
        (
            "08:00-21:00",
            "2026-03-27T22:00:00Z",
            "2026-03-28T07:00:00Z",
        ),
        (
            "08:00-21:00",
            "2026-10-24T20:00:00Z",
            "2026-10-25T07:00:00Z",
        ),
        // 02:30 does not exist on 2026-03-29: the clock jumps from 02:00 to 03:00 at 01:00Z.
        (
            "02:30-21:00",
            "2026-03-28T23:00:00Z",
            "2026-03-29T01:00:00Z",
        ),
        // 02:30 comes twice on 2026-10-25, at 00:30Z and 01:30Z.
        (
            "02:30-21:00",
            "2026-10-24T23:00:00Z",
            "2026-10-25T00:30:00Z",
        ),
        (
            "02:30-21:00",
            "2026-10-25T01:10:00Z",
            "2026-10-25T01:30:00Z",
        ),
    ] {
        assert_eq!(
            zurich("window", hours, as_of),
            expected,
            "{hours} from {as_of}"
        );
    }
}

#[test]
fn an_unknown_zone_holds_what_can_wait() {
    for zone in ["", "Mars/Olympus", "Etc/Unknown"] {
        for purpose in ["advertisement", "service_notice"] {
            let message = case(purpose).person("time_zone", zone).one();
            expect(&message, "hold", &["time-zone-unknown"]);
            assert_eq!(message.get("earliest_at"), None);
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
    // It is not known when this person sleeps: a person is called, and at the deadline it goes.
    let message = at(nowhere, "2026-03-31T09:00:00Z");
    expect(&message, "send", &["time-zone-unknown", "alert"]);
    assert_eq!(earliest(&message), "2026-04-01T09:00:00Z");
}

#[test]
fn a_recall_is_never_timed_past_its_deadline() {
    let late = case("safety_recall").rule("deadline_hours", "2");
    let message = at(late, "2026-03-31T13:00:00Z");
    expect(&message, "send", &["quiet-hours-overridden", "alert"]);
    assert_eq!(earliest(&message), "2026-03-31T15:00:00Z");
    let notice = at(
        case("service_notice").rule("deadline_hours", "2"),
        "2026-03-31T13:00:00Z",
    );
    assert_eq!(earliest(&notice), "2026-03-31T23:00:00Z");
}

#[test]
fn the_deadline_counts_from_the_day_the_recall_was_decided() {
    let known = |at: &str| case("safety_recall").target("known_at", at);
    // Composed again and again, it does not move: 24 hours after 15:00Z, in the night in Tokyo.
    for as_of in ["2026-03-31T12:30:00Z", "2026-03-31T14:00:00Z"] {
        let message = at(known("2026-03-30T15:00:00Z"), as_of);
        expect(&message, "send", &["quiet-hours-overridden", "alert"]);
        assert_eq!(earliest(&message), "2026-03-31T15:00:00Z");
    }
    let overdue = at(known("2026-03-01"), "2026-03-31T13:00:00Z");
    assert_eq!(earliest(&overdue), "2026-03-31T13:00:00Z");
    expect(
        &at(known("soon"), "2026-03-31T09:00:00Z"),
        "review",
        &["known-at-unreadable", "alert"],
    );
}

#[test]
fn a_letter_by_post_wakes_no_one() {
    let by_post = case("service_notice")
        .person("channel", "post")
        .person("address", "Hanemachi 1")
        .person("time_zone", "");
    let message = at(by_post, "2026-03-31T15:00:00Z");
    expect(&message, "send", &[]);
    assert_eq!(earliest(&message), "2026-03-31T15:00:00Z");
}

#[test]
fn wrong_options_are_errors_that_name_the_option() {
    for (name, value) in [
        ("as_of", "today"),
        ("rules_on", "next week"),
        ("review_over", "-1"),
        ("country_languages", "JP"),
    ] {
        let error = case("advertisement")
            .option(name, value)
            .try_run()
            .unwrap_err();
        assert_eq!(error.code, "bad-option");
        assert!(error.message.contains(name), "{}", error.message);
    }
}
