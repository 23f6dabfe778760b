//! What binds advertisements and nothing else: fatigue, complaints, holdouts, consent by country.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Case, case, expect, template};
use tsugi_outreach::{AudienceOperator, held_out};
use tsugi_plugin::testing;

const ALL: [&str; 3] = ["safety_recall", "service_notice", "advertisement"];

/// Adds advertisements of the past to one person: how many days ago, and what became of them.
fn sent(mut case: Case, sends: &[(i32, &str)]) -> Case {
    for (ago, outcome) in sends {
        let day = jiff_day(*ago);
        case.history.push(format!(
            "customer_id=C-1|template=old|purpose=advertisement|channel=email|sent_at={day}|outcome={outcome}"
        ));
    }
    case
}

/// The day so many days before 2026-03-31, counted by hand: months of 2025 and 2026.
fn jiff_day(ago: i32) -> String {
    let (mut year, mut month, mut day) = (2026, 3, 31 - ago);
    while day < 1 {
        month -= 1;
        if month == 0 {
            (year, month) = (year - 1, 12);
        }
        day += match month {
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
    }
    format!("{year}-{month:02}-{day:02}")
}

#[test]
fn the_class_of_fatigue_stands_on_every_row() {
    let many = [
        (2, "delivered"),
        (5, "delivered"),
        (9, "delivered"),
        (12, "delivered"),
        (16, "delivered"),
        (20, "delivered"),
    ];
    let before = [(40, "opened"), (60, "clicked"), (80, "delivered")];
    let quiet = [(40, "delivered"), (60, "delivered")];
    for (class, sends) in [
        ("unsent", Vec::new()),
        ("active", vec![(10, "delivered")]),
        (
            "active",
            vec![(10, "delivered"), (100, "opened"), (200, "delivered")],
        ),
        ("inactive", vec![(10, "delivered"), (200, "opened")]),
        ("saturated", [&many[..], &quiet[..]].concat()),
        ("saturated", many.to_vec()),
        ("over-saturated", [&many[..], &before[..]].concat()),
    ] {
        for purpose in ALL {
            let message = sent(case(purpose).rule("cap", "99/day"), &sends).one();
            assert_eq!(message.get("fatigue"), Some(class), "{sends:?}");
            let tired = class == "over-saturated";
            assert_eq!(
                message.has("over-saturated"),
                tired && purpose != "service_notice"
            );
            assert_eq!(message.has("alert"), tired && purpose == "safety_recall");
            let silenced = tired && purpose == "advertisement";
            expect(&message, if silenced { "suppress" } else { "send" }, &[]);
        }
    }
    let stricter = sent(
        case("advertisement")
            .rule("fatigue_recent_sends", "2")
            .rule("cap", "99/day"),
        &[(2, "delivered"), (5, "delivered"), (60, "opened")],
    );
    expect(&stricter.one(), "suppress", &["over-saturated"]);
}

#[test]
fn sending_stops_at_the_complaint_rate_of_the_channel() {
    let with = |purpose: &str, sends: usize, complaints: usize, channel: &str, day: &str| {
        let mut case = case(purpose);
        for number in 0..sends {
            let outcome = if number < complaints {
                "complained"
            } else {
                "delivered"
            };
            case.history.push(format!("customer_id=X-{number}|template=old|purpose=advertisement|channel={channel}|sent_at={day}|outcome={outcome}"));
        }
        case.one()
    };
    expect(
        &with("advertisement", 1000, 3, "email", "2026-03-20"),
        "suppress",
        &["complaint-rate"],
    );
    expect(
        &with("advertisement", 1000, 2, "email", "2026-03-20"),
        "send",
        &[],
    );
    expect(
        &with("advertisement", 999, 3, "email", "2026-03-20"),
        "send",
        &[],
    );
    expect(
        &with("advertisement", 1000, 3, "sms", "2026-03-20"),
        "send",
        &[],
    );
    expect(
        &with("advertisement", 1000, 3, "email", "2026-02-20"),
        "send",
        &[],
    );
    expect(
        &with("safety_recall", 1000, 3, "email", "2026-03-20"),
        "send",
        &["complaint-rate", "alert"],
    );
    let service = with("service_notice", 1000, 3, "email", "2026-03-20");
    expect(&service, "send", &[]);
    assert!(!service.has("complaint-rate"));
}

#[test]
fn a_holdout_is_the_same_in_every_run_and_never_of_a_notice() {
    let many = |purpose: &str| {
        case(purpose)
            .option("review_over", "100000")
            .rule("holdout", "30 %")
            .crowd(500)
    };
    let held = |case: &Case| -> Vec<String> {
        let all = case.run();
        let held = all.iter().filter(|message| message.has("holdout"));
        held.map(|message| message.get("customer_id").unwrap().to_string())
            .collect()
    };
    let ads = many("advertisement");
    let first = held(&ads);
    assert!(
        (120..=180).contains(&first.len()),
        "30 % of 500 by chance: {}",
        first.len()
    );
    assert_eq!(held(&ads), first);
    assert!(
        ads.run()
            .iter()
            .filter(|message| message.has("holdout"))
            .all(|message| message.decision() == "suppress")
    );
    // The function that SQL uses for the analysis says the same.
    let ids: Vec<String> = (1..=500).map(|number| format!("C-{number}")).collect();
    let answers = testing::scalar::<held_out>()
        .column(ids.iter().map(String::as_str))
        .literal("I-1")
        .literal(0.3)
        .call()
        .unwrap();
    let mut held_out: Vec<&String> = ids
        .iter()
        .zip(answers.values::<bool>())
        .filter(|(_, held)| *held == Some(true))
        .map(|(id, _)| id)
        .collect();
    held_out.sort();
    assert_eq!(held_out, first.iter().collect::<Vec<_>>());
    let other = held(&ads.target("experiment", "spring"));
    assert_ne!(other, first, "each experiment holds out others");
    for purpose in ["safety_recall", "service_notice"] {
        let notice = case(purpose).rule("holdout", "100 %").one();
        expect(&notice, "send", &[]);
        assert!(!notice.has("holdout") && !notice.has("alert"));
    }
}

#[test]
fn what_consent_is_needed_depends_on_country_and_channel() {
    let regime = |regime: &str, consent: &str| {
        let mut case =
            case("advertisement").rule_for("consent", regime, "country=JP|channel=email");
        case.consents = match consent {
            "" => Vec::new(),
            state => vec![format!(
                "customer_id=C-1|purpose=advertisement|channel=email|at=2026-01-01|proof=form|state={state}"
            )],
        };
        case.one()
    };
    for (rule, state, decision, code) in [
        ("opt-in", "", "suppress", "consent-missing"),
        ("opt-in", "unconfirmed", "suppress", "consent-unconfirmed"),
        ("opt-in", "granted", "send", "consent-granted"),
        ("opt-in", "confirmed", "send", "consent-granted"),
        ("double-opt-in", "", "suppress", "consent-missing"),
        (
            "double-opt-in",
            "unconfirmed",
            "suppress",
            "consent-unconfirmed",
        ),
        (
            "double-opt-in",
            "granted",
            "suppress",
            "consent-unconfirmed",
        ),
        ("double-opt-in", "confirmed", "send", "consent-granted"),
        ("opt-out", "", "send", "consent-opt-out"),
        ("opt-out", "refused", "suppress", "refused"),
    ] {
        expect(&regime(rule, state), decision, &[code]);
    }
}

#[test]
fn a_refusal_holds_at_once_and_calls_a_person_on_a_recall() {
    for at in ["2026-03-31T08:59:59Z", "2026-03-31T09:00:01Z", "2026-04-02"] {
        let with = |purpose: &str| {
            let mut case = case(purpose);
            case.consents.push(format!(
                "customer_id=C-1|purpose=advertisement|channel=sms|state=refused|at={at}"
            ));
            case.one()
        };
        expect(&with("advertisement"), "suppress", &["refused"]);
        expect(&with("service_notice"), "send", &["consent-not-needed"]);
        expect(&with("safety_recall"), "send", &["refused", "alert"]);
    }
}

#[test]
fn an_advertisement_by_mail_carries_one_click_of_refusal() {
    let message = case("advertisement").one();
    let headers = message.get("headers").unwrap();
    let mut lines = headers.lines();
    let link = lines.next().unwrap();
    assert!(
        link.starts_with("List-Unsubscribe: <https://morihane.example/stop?r=")
            && link.ends_with('>'),
        "{link}"
    );
    assert!(
        !headers.contains("aiko") && !headers.contains("C-1"),
        "no personal data in an address"
    );
    assert_eq!(
        lines.next(),
        Some("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    );
    assert_eq!(case("service_notice").one().get("headers"), None);
    let mut plain = case("advertisement");
    let row =
        template("news", "advertisement", "en", common::AD_BODY).replace("https://", "http://");
    plain.templates = vec![common::relock(&row)];
    expect(&plain.one(), "suppress", &["no-one-click"]);
}

#[test]
fn staff_may_ask_to_wait_and_nothing_but_a_deadline_outranks_it() {
    let held = |purpose: &str, until: &str| {
        case(purpose)
            .person("held_by", "Levin Mondkamper")
            .person("held_until", until)
            .one()
    };
    for purpose in ["advertisement", "service_notice"] {
        expect(&held(purpose, ""), "hold", &["staff-hold"]);
        expect(&held(purpose, "2026-03-31"), "hold", &["staff-hold"]);
        expect(&held(purpose, "2026-03-30"), "send", &[]);
    }
    expect(&held("safety_recall", ""), "send", &["staff-hold", "alert"]);
}

#[test]
fn value_never_chooses_the_remedy() {
    let two = |one: &str, other: &str| {
        let mut case = case("service_notice").crowd(2);
        case.targets[0] = common::changed(&case.targets[0], "remedy", one);
        case.targets[1] = common::changed(&case.targets[1], "remedy", other);
        case.persons[1] = common::changed(&case.persons[1], "value_class", "important");
        case.run()
    };
    assert!(
        two("a new pair", "a new pair")
            .iter()
            .all(|message| !message.has("remedy-unequal"))
    );
    for message in two("a voucher", "a new pair or your money back") {
        expect(&message, "review", &["remedy-unequal"]);
    }
    let angry = case("service_notice")
        .person("value_class", "important")
        .person("angry", "true");
    expect(
        &angry.one(),
        "review",
        &["important-and-angry", "important-customer"],
    );
    expect(
        &case("service_notice").person("angry", "true").one(),
        "send",
        &[],
    );
}

#[test]
fn an_objection_ends_advertising_and_profiling() {
    let all = case("advertisement").crowd(5);
    let rows = |rows: &[String]| common::batch(rows);
    let consent = |id: &str, state: &str| {
        format!(
            "customer_id={id}|purpose=advertisement|channel=email|state={state}|at=2026-02-01|proof=form-7"
        )
    };
    let consents = [
        consent("C-1", "granted"),
        consent("C-2", "refused"),
        consent("C-3", "unconfirmed"),
        consent("C-5", "granted"),
    ];
    let history = [
        "customer_id=C-5|template=news|purpose=advertisement|channel=email|sent_at=2026-03-01|outcome=unsubscribed".to_string(),
    ];
    let found = testing::table::<AudienceOperator>()
        .option("as_of", "2026-03-31")
        .input("persons", rows(&all.persons))
        .input("consents", rows(&consents))
        .input("history", rows(&history))
        .input("volume", rows(&history))
        .input("rules", rows(&["rule=holdout|value=100 %".to_string()]))
        .run()
        .unwrap();
    let answers: Vec<(bool, bool)> = (0..found.rows())
        .map(|row| {
            let truth =
                |name: &str| found.column(name).unwrap().text(row).as_deref() == Some("true");
            (truth("may_advertise"), truth("may_profile"))
        })
        .collect();
    // C-1 agreed, C-2 objected, C-3 never confirmed, C-4 has no consent, C-5 unsubscribed later.
    assert_eq!(
        answers,
        [
            (true, true),
            (false, false),
            (false, true),
            (false, true),
            (false, false)
        ]
    );
    let why = found.column("reasons").unwrap();
    assert!(why.text(0).unwrap().contains("proof form-7"));
    assert!(why.text(1).unwrap().contains("refused"));
}

#[test]
fn an_audience_is_read_one_person_at_a_time_and_only_in_order() {
    let rows = |rows: &[String]| common::batch(rows);
    let ids = |count: usize| -> Vec<String> { (0..count).map(|n| format!("C-{n:06}")).collect() };
    let with = |ids: &[String], more: &str| -> Vec<String> {
        ids.iter()
            .map(|id| format!("customer_id={id}|{more}"))
            .collect()
    };
    let run = |people: &[String], consents: &[String], history: &[String]| {
        testing::table::<AudienceOperator>()
            .option("as_of", "2026-03-31")
            .input("persons", rows(&with(people, "address=a@b.example|channel=email|country=DE|language=de")))
            .input("consents", rows(&with(consents, "purpose=advertisement|channel=email|state=confirmed|at=2025-01-01|proof=form-1")))
            .input("history", rows(&with(history, "template=news|purpose=advertisement|channel=email|sent_at=2026-03-01|outcome=unsubscribed")))
            .input("volume", rows(&with(history, "template=news|purpose=advertisement|channel=email|sent_at=2026-03-01|outcome=unsubscribed")))
            .run()
    };
    let all = ids(3_000);
    let third = |at: usize| -> Vec<String> { all.iter().skip(at).step_by(3).cloned().collect() };
    // Whom consents and history tell of and persons do not is passed over.
    let found = run(&third(0), &all, &third(1)).unwrap();
    assert_eq!(found.rows(), 1_000);
    let truth = |row, name: &str| found.column(name).unwrap().text(row).as_deref() == Some("true");
    assert!((0..1_000).all(|row| truth(row, "may_advertise") && truth(row, "may_profile")));
    let found = run(&all, &all, &third(1)).unwrap();
    let barred: Vec<usize> = (0..3_000)
        .filter(|row| found.column("may_profile").unwrap().text(*row).as_deref() != Some("true"))
        .collect();
    assert_eq!(barred, (1..3_000).step_by(3).collect::<Vec<_>>());

    let mut mixed = all.clone();
    mixed.swap(7, 2_000);
    let refused = run(&all, &mixed, &third(1)).unwrap_err();
    assert_eq!(refused.code, "not-in-order");
    assert!(format!("{refused:?}").contains("ORDER BY"), "{refused:?}");
    let lonely = testing::table::<AudienceOperator>()
        .option("as_of", "2026-03-31")
        .input(
            "persons",
            rows(&with(&all, "address=a@b.example|channel=email")),
        )
        .input(
            "consents",
            rows(&with(
                &all,
                "purpose=advertisement|state=granted|at=2025-01-01",
            )),
        )
        .input(
            "history",
            rows(&with(&all, "template=news|sent_at=2026-03-01")),
        )
        .run();
    assert_eq!(lonely.unwrap_err().code, "missing-relation");
}

#[test]
fn the_worth_of_a_remedy_and_who_is_important_stand_beside_the_text() {
    assert_eq!(case("service_notice").one().get("remedy_value"), None);
    for (written, value) in [
        ("80.5", Some("80.5")),
        ("a new pair", None),
        ("-3", None),
        ("NaN", None),
    ] {
        let message = case("service_notice").target("remedy_value", written).one();
        assert_eq!(message.get("remedy_value"), value, "{written}");
        assert_eq!(
            message.has("remedy-unreadable"),
            value.is_none(),
            "{written}"
        );
        assert_eq!(message.get("important"), Some("false"), "{written}");
    }
    let important = case("service_notice").person("value_class", "important");
    assert_eq!(important.one().get("important"), Some("true"));
}
