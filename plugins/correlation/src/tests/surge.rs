//! `surge` on invented series: what it abstains from, what it refuses, and many series at once.

use super::surge_real::{call, read};
use crate::SurgeTable;
use tsugi_plugin::testing::TableRun;
use tsugi_plugin::{Batch, column};

/// Weeks 1 to n of one series, each with this count.
fn weeks(counts: &[Option<f64>]) -> Batch {
    Batch::new([
        column("series", counts.iter().map(|_| "lot")),
        column("period", 1..=counts.len() as i64),
        column("count", counts.to_vec()),
    ])
    .unwrap()
}

#[test]
fn what_cannot_be_judged_says_why() {
    let mut counts = vec![Some(2.0); 20];
    counts[9] = None;
    let found = read(&call(weeks(&counts), "ears_c1").run().unwrap());
    let why = |at: usize| found[at].abstained.as_deref().unwrap_or("judged");
    assert!(why(6).contains("7 periods back"), "{}", why(6));
    assert_eq!(why(7), "judged");
    assert!(why(9).contains("no count for this period"));
    assert!(why(12).contains("a period of the baseline has no count"));
    assert_eq!(why(17), "judged");
    assert!(
        found
            .iter()
            .all(|row| row.abstained.is_some() == row.alarm.is_none())
    );
    // Without a row at all it is the same, unless no row means that nothing happened.
    let gap = Batch::new([
        column("series", ["lot"; 8]),
        column("period", [1_i64, 2, 3, 4, 5, 6, 8, 9]),
        column("count", [1_i64; 8]),
    ])
    .unwrap();
    let unknown = read(&call(gap.clone(), "ears_c1").run().unwrap());
    assert_eq!(unknown.len(), 9);
    assert!(unknown.iter().all(|row| row.alarm.is_none()));
    let zero = read(
        &call(gap, "ears_c1")
            .option("missing", "zero")
            .run()
            .unwrap(),
    );
    assert_eq!((zero[6].observed, zero[7].alarm), (Some(0.0), Some(false)));
    // A single complaint is no surge while the standard deviation counts as at least one half.
    let mut quiet = vec![Some(0.0); 8];
    quiet[7] = Some(1.0);
    let last = |sigma: f64| {
        let rows = call(weeks(&quiet), "ears_c1").option("minimum_sigma", sigma);
        read(&rows.run().unwrap())[7].alarm
    };
    assert_eq!((last(0.0), last(0.5)), (Some(true), Some(false)));
    for (method, text) in [
        ("cusum", "52 periods"),
        ("farrington", "263 periods"),
        ("rki", "108 periods"),
    ] {
        let found = read(&call(weeks(&quiet), method).run().unwrap());
        let why = found[7].abstained.as_deref().unwrap_or_default();
        assert!(why.contains(text), "{method}: {why}");
    }
    let empty = vec![Some(0.0); 60];
    let found = read(&call(weeks(&empty), "cusum").run().unwrap());
    assert!(
        found[59]
            .abstained
            .as_deref()
            .unwrap()
            .contains("nothing happened")
    );
}

#[test]
fn many_series_at_once_are_held_against_each_other() {
    // Nine quiet series and one with 30 in the last week.
    let names: Vec<String> = (0..10)
        .flat_map(|lot| vec![format!("lot-{lot}"); 12])
        .collect();
    let counts = (0..120_i64).map(|at| {
        if at == 119 {
            30
        } else {
            3 + (at * 7 + at / 12) % 4
        }
    });
    let rows = Batch::new([
        column("series", names),
        column("period", (0..120_i64).map(|at| at % 12)),
        column("count", counts),
    ])
    .unwrap();
    let found = read(&call(rows, "ears_c2").option("last", 1_i64).run().unwrap());
    assert_eq!(found.len(), 10);
    for row in &found {
        let (p, q) = (row.p_value.unwrap(), row.q_value.unwrap());
        assert!(p <= q && row.series_tested == 10, "{row:?}");
    }
    let last = &found[9];
    assert_eq!((last.alarm, last.observed), (Some(true), Some(30.0)));
    assert!(last.expected.unwrap() < 7.0 && last.q_value.unwrap() < 1e-6);
    let lowest = found
        .iter()
        .filter(|row| row.q_value.unwrap() < 0.05)
        .count();
    assert_eq!(lowest, 1);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let rows = weeks(&[Some(1.0); 9]);
    let code = |call: TableRun<SurgeTable>| call.run_cut(9).unwrap_err();
    for (wrong, part) in [
        (call(rows.clone(), "c1"), "method"),
        (
            call(rows.clone(), "ears_c1").option("years", 3_i64),
            "years",
        ),
        (
            call(rows.clone(), "ears_c1").option("baseline", 1_i64),
            "baseline",
        ),
        (
            call(rows.clone(), "ears_c1").option("minimum_sigma", -1.0),
            "minimum_sigma",
        ),
        (
            call(rows.clone(), "cusum").option("decision_limit", 0.0),
            "decision_limit",
        ),
        (
            call(rows.clone(), "farrington_flexible").option("seasons", 52_i64),
            "seasons",
        ),
        (
            call(rows.clone(), "farrington").option("half_window", 26_i64),
            "half_window",
        ),
        (
            call(rows.clone(), "glr").option("baseline", 12_i64),
            "baseline",
        ),
        (call(rows.clone(), "rki").option("every", "year"), "every"),
    ] {
        let error = code(wrong);
        assert_eq!(error.code, "bad-option", "{error}");
        assert!(error.at.as_deref().unwrap().ends_with(part), "{error}");
    }
    let column_of = |name: &str, value: f64| {
        Batch::new([
            column("series", ["a"]),
            column("period", [1_i64]),
            column("count", [1.0]),
            column(name, [value]),
        ])
        .unwrap()
    };
    assert_eq!(
        code(call(column_of("population", 5.0), "ears_c1")).code,
        "unused-population"
    );
    assert_eq!(
        code(call(column_of("population", 0.0), "farrington")).code,
        "not-above-zero"
    );
    let negative = weeks(&[Some(-1.0)]);
    assert_eq!(code(call(negative, "ears_c1")).code, "bad-number");
    let twice = Batch::new([
        column("series", ["a", "a"]),
        column("period", ["2013-05-06", "2013-05-06"]),
        column("count", [1_i64, 2]),
    ])
    .unwrap();
    assert_eq!(code(call(twice, "ears_c1")).code, "twice");
    let weekday = Batch::new([
        column("series", ["a", "a"]),
        column("period", ["2013-05-06", "2013-05-08"]),
        column("count", [1_i64, 2]),
    ])
    .unwrap();
    assert_eq!(code(call(weekday, "ears_c1")).code, "bad-period");
}

#[test]
fn a_population_that_grows_explains_a_count_that_grows() {
    // Three years of 10 in 1,000, then 30 in 3,000.
    let count = |week: i64| if week < 160 { 10 + week % 3 } else { 30 };
    let people = |week: i64| if week < 160 { 1000.0 } else { 3000.0 };
    let rows = |with: bool| {
        let mut columns = vec![
            column("series", (0..163).map(|_| "a")),
            column("period", 0..163_i64),
            column("count", (0..163).map(count)),
        ];
        if with {
            columns.push(column("population", (0..163).map(people)));
        }
        Batch::new(columns).unwrap()
    };
    for method in ["farrington", "farrington_flexible"] {
        let last = |with: bool| {
            let call = call(rows(with), method)
                .option("years", 3_i64)
                .option("last", 1_i64);
            read(&call.run().unwrap()).remove(0)
        };
        let (plain, with) = (last(false), last(true));
        assert_eq!(
            (plain.alarm, with.alarm),
            (Some(true), Some(false)),
            "{method}"
        );
        let ratio = with.expected.unwrap() / plain.expected.unwrap();
        assert!((ratio - 3.0).abs() < 0.01, "{method}: {ratio}");
    }
}

#[test]
fn charts_leave_out_what_nobody_counted_and_begin_anew_after_an_alarm() {
    let mut counts = vec![Some(4.0); 30];
    counts[20..23].fill(Some(14.0));
    let charts = |counts: &[Option<f64>], method: &str| {
        let call = call(weeks(counts), method).option("baseline", 12_i64);
        let call = if method == "glr" {
            call.option("harmonics", 0_i64)
        } else {
            call
        };
        read(&call.run().unwrap())
    };
    let glr = charts(&counts, "glr");
    let alarms: Vec<usize> = (0..30).filter(|&at| glr[at].alarm == Some(true)).collect();
    // 14 where 4 were expected: 14 ln 3.5 - 10 = 7.54, above 5, each time from the beginning.
    assert_eq!(alarms, [20, 21, 22]);
    assert!((glr[20].statistic.unwrap() - (14.0 * 3.5_f64.ln() - 10.0)).abs() < 1e-9);
    assert_eq!((glr[20].upper, glr[23].statistic), (Some(12.0), Some(0.0)));
    let cusum = charts(&counts, "cusum");
    // (14 - 4) / 2 - 1.04 = 3.96 reaches 2.26; the sum goes on from there.
    assert!((cusum[20].statistic.unwrap() - 3.96).abs() < 1e-9);
    assert!((cusum[21].statistic.unwrap() - 7.92).abs() < 1e-9);
    counts[21] = None;
    let gap = charts(&counts, "cusum");
    assert!((gap[22].statistic.unwrap() - 7.92).abs() < 1e-9);
    assert!(gap[21].alarm.is_none() && gap[21].abstained.is_some());
    counts[3] = None;
    for method in ["cusum", "glr"] {
        let found = charts(&counts, method);
        let why = found[29].abstained.as_deref().unwrap();
        assert!(
            why.contains("a period of the baseline has no count"),
            "{method}: {why}"
        );
    }
}
