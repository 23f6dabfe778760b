//! What dates and times mean.

use super::*;

const DAY: i32 = 20_543; // 2026-03-31

#[test]
fn forms_that_mean_one_day() {
    let dialect = Dialect::default();
    let forms = [
        "2026-03-31",
        "2026/3/31",
        "2026.03.31",
        "20260331",
        "31.3.2026",
        "31.03.2026",
        "2026年3月31日",
        "令和8年3月31日",
        "R8.3.31",
        "㋿8年3月31日",
        "2026年3月31日(火) 午後2時5分",
        "2026/03/31 14時05分09秒",
        "2026-03-31 2:05 PM",
        "31. März 2026",
        "31-Mar-2026",
        "Mar 31, 2026 2:05:09 pm",
        "Tue, 31 Mar 2026 14:05:09 +0000",
        "31 de março de 2026",
        "31 mars 2026",
        "2026 March 31st",
        "2026-03-31 14:05",
        "2026-03-31T14:05:09.123456Z",
        "2026-03-31T00:30:00+00:00",
    ];
    for form in forms {
        assert_eq!(days(form, &dialect, false), Some(DAY), "{form}");
    }
    let wrong = [
        "",
        "03/31/2026",
        "31/3/2026",
        "2026-02-30",
        "2026-13-01",
        "2026-3",
        "2026-03-31x",
        "26-03-31",
        "99999999999999",
        "2026年3-31",
        "2026-03-31T25:00",
        "2026-03-31 10:00 +9",
        "R",
        "H99",
        "31 Smarch 2026",
        "31 March 26",
        "31 March",
        "31 March April 2026",
        "2026-03-31 13:05 PM",
        "2026-03-31 (火",
    ];
    for form in wrong {
        assert_eq!(days(form, &dialect, false), None, "{form}");
    }
    assert_eq!(
        days("平成元年1月8日", &dialect, false),
        days("1989-01-08", &dialect, false)
    );
    assert_eq!(days("1969-12-31", &dialect, false), Some(-1));
}

#[test]
fn the_last_day_and_the_end_of_a_day() {
    let tokyo = Dialect {
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        ..Dialect::default()
    };
    let new_york = Dialect {
        zone: TimeZone::get("America/New_York").unwrap(),
        ..Dialect::default()
    };
    let utc = Dialect::default();
    const LAST: i32 = 2_932_896;
    for text in [
        "9999-12-31",
        "31.12.9999",
        "99991231",
        "9999-12-31T23:59:59Z",
    ] {
        assert_eq!(days(text, &utc, false), Some(LAST), "{text}");
    }
    let last = i64::from(LAST) * DAY_MICROS;
    assert_eq!(micros("9999-12-31", &utc, false), Some(last));
    assert_eq!(
        micros("9999-12-31", &tokyo, false),
        Some(last - 9 * 3_600_000_000)
    );
    assert_eq!(
        micros("9999-12-31", &new_york, false),
        Some(last + 5 * 3_600_000_000)
    );
    let next = i64::from(DAY + 1) * DAY_MICROS;
    for text in [
        "2026-03-31 24:00",
        "2026/03/31 24:00:00",
        "2026年3月31日 24時",
    ] {
        assert_eq!(micros(text, &utc, false), Some(next), "{text}");
        assert_eq!(
            days(text, &utc, false),
            Some(DAY),
            "the day as written: {text}"
        );
    }
    for text in ["2026-03-31 24:01", "2026-03-31 25:30", "9999-12-31 24:00"] {
        assert_eq!(micros(text, &utc, false), None, "{text}");
    }
    assert!(has_wrong_clock("2026/03/31 25:30", &utc));
    assert!(!has_wrong_clock("31/03/2026 10:00", &utc) && !has_wrong_clock("no day", &utc));
}

#[test]
fn serial_days_where_the_mapping_says_so() {
    let dialect = Dialect {
        dates: vec![DateForm::Unambiguous, DateForm::Serial],
        ..Dialect::default()
    };
    assert_eq!(days("46112", &dialect, true), Some(DAY));
    assert_eq!(days("46112.4375", &dialect, true), Some(DAY));
    let half_past_ten = i64::from(DAY) * DAY_MICROS + 37_800_000_000;
    assert_eq!(micros("46112.4375", &dialect, true), Some(half_past_ten));
    assert_eq!(days("2026-03-31", &dialect, true), Some(DAY));
    for text in ["0", "60", "2958466", "-1", "NaN", "1e400"] {
        assert_eq!(days(text, &dialect, true), None, "{text}");
    }
}

#[test]
fn four_digits_where_the_pattern_says_four() {
    let with = |pattern: &str| Dialect {
        dates: vec![DateForm::Pattern(pattern.to_owned())],
        ..Dialect::default()
    };
    assert_eq!(days("31/3/26", &with("%d/%m/%Y"), false), None);
    assert_eq!(days("31/3/26", &with("%d/%m/%y"), false), Some(DAY));
    assert_eq!(micros("3/31/26 14:05", &with("%m/%d/%Y"), false), None);
}

#[test]
fn zones_and_offsets() {
    let tokyo = Dialect {
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        ..Dialect::default()
    };
    let noon = i64::from(DAY) * SECONDS_A_DAY * 1_000_000 + 12 * 3_600_000_000;
    assert_eq!(
        micros("2026-03-31 12:00", &Dialect::default(), false),
        Some(noon)
    );
    assert_eq!(micros("2026-03-31 21:00:00", &tokyo, false), Some(noon));
    assert_eq!(
        micros("2026-03-31T14:00:00+02:00", &tokyo, false),
        Some(noon)
    );
    assert_eq!(
        micros("2026-03-31T14:00:00.000250+0200", &tokyo, false),
        Some(noon + 250)
    );
    assert_eq!(
        days("2026-03-30T23:00:00Z", &tokyo, false),
        Some(DAY),
        "the day in Tokyo"
    );
    assert_eq!(
        micros("2026-03-31", &tokyo, false),
        Some(noon - 21 * 3_600_000_000)
    );
}

#[test]
fn stated_patterns() {
    let dialect = Dialect {
        dates: vec![DateForm::Pattern("%d/%m/%Y".to_owned())],
        ..Dialect::default()
    };
    assert_eq!(days("31/03/2026", &dialect, false), Some(DAY));
    assert_eq!(days("03/31/2026", &dialect, false), None);
    assert_eq!(
        days("2026-03-31", &dialect, false),
        None,
        "only what the mapping states"
    );
    assert_eq!(
        micros("31/03/2026 00:00:01", &dialect, false),
        Some(i64::from(DAY) * SECONDS_A_DAY * 1_000_000 + 1_000_000)
    );
    assert!(
        pattern_is_sound("%d/%m/%Y")
            && pattern_is_sound("%m/%d/%Y %H:%M")
            && pattern_is_sound("%d %b %Y")
    );
    assert!(
        !pattern_is_sound("%d/%m") && !pattern_is_sound("dd.mm.yyyy") && !pattern_is_sound("%Q")
    );
}
