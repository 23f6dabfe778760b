//! `attribute` searches series: the window that carries the excess is found with its own ends, several
//! one after the other, and what cannot be searched is said.

use super::invented::Found;
use crate::AttributeTable;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

/// A lot with its step in the series of supplier S, what was shipped of it and what was complained about.
type Lot = (usize, f64, f64);

#[derive(Clone, Debug, PartialEq, Row)]
struct Ends {
    topic: String,
    factor: String,
    value: String,
    complaints: i64,
    p_value: Option<f64>,
    llr: f64,
    verdict: String,
    reason: String,
    series: Option<String>,
    first_step: Option<String>,
    last_step: Option<String>,
}

fn cells(lots: &[Lot]) -> Batch {
    let names = || (0..lots.len()).map(|at| format!("L{at:04}"));
    Batch::new([
        column("topic", lots.iter().map(|_| "crack")),
        column("lot", names()),
        column("shipped", lots.iter().map(|lot| lot.1)),
        column("complaints", lots.iter().map(|lot| lot.2)),
    ])
    .unwrap()
}

fn steps(lots: &[Lot], series: impl Fn(usize) -> Option<&'static str>) -> Batch {
    Batch::new([
        column("lot", (0..lots.len()).map(|at| format!("L{at:04}"))),
        column("factor", lots.iter().map(|_| "period")),
        column("series", (0..lots.len()).map(series)),
        column("step", lots.iter().map(|lot| format!("{:05}", lot.0))),
    ])
    .unwrap()
}

fn nested() -> Batch {
    Batch::new([
        column("factor", ["period"]),
        column("made_into", [Some("lot")]),
    ])
    .unwrap()
}

fn call(lots: &[Lot], series: Batch) -> TableRun<AttributeTable> {
    table::<AttributeTable>()
        .input("cells", cells(lots))
        .input("nested", nested())
        .input("series", series)
}

fn ask(lots: &[Lot]) -> Vec<Ends> {
    read(&call(lots, steps(lots, |_| Some("S"))))
}

fn read(call: &TableRun<AttributeTable>) -> Vec<Ends> {
    let answer = call.run_cut(100).unwrap();
    let rows = answer.read::<Ends>().unwrap();
    rows.map(Result::unwrap).collect()
}

/// Lots of 200 units with one complaint each second one; bad ones have so many.
fn supplier(lots: usize, bad: impl Fn(usize) -> bool, complaints: f64) -> Vec<Lot> {
    let lots = 0..lots;
    lots.map(|at| {
        (
            at,
            200.0,
            if bad(at) { complaints } else { (at % 2) as f64 },
        )
    })
    .collect()
}

fn windows(rows: &[Ends]) -> Vec<(&str, &str)> {
    let leading = rows
        .iter()
        .filter(|row| row.factor == "period" && row.verdict == "leading suspect");
    let mut found: Vec<_> = leading
        .map(|row| {
            (
                row.first_step.as_deref().unwrap(),
                row.last_step.as_deref().unwrap(),
            )
        })
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn a_supplier_that_was_good_bad_and_good_again_leads_with_its_bad_time_only() {
    for (from, to) in [(12, 17), (0, 4), (35, 39), (20, 20)] {
        let rows = ask(&supplier(40, |at| (from..=to).contains(&at), 8.0));
        let ends = (format!("{from:05}"), format!("{to:05}"));
        assert_eq!(windows(&rows), [(ends.0.as_str(), ends.1.as_str())]);
        let first = &rows[0];
        assert_eq!(first.series.as_deref(), Some("S"));
        assert_eq!(first.complaints, (8 * (to - from + 1)) as i64);
        assert!(
            first
                .reason
                .contains("the clearest of 820 windows over 40 steps of S"),
            "{}",
            first.reason
        );
    }
}

#[test]
fn two_bad_times_of_one_supplier_are_found_one_after_the_other() {
    let rows = ask(&supplier(
        60,
        |at| (10..14).contains(&at) || (40..46).contains(&at),
        9.0,
    ));
    assert_eq!(windows(&rows), [("00010", "00013"), ("00040", "00045")]);
}

#[test]
fn nothing_in_the_series_is_no_window_and_a_window_of_everything_says_so() {
    let quiet = ask(&supplier(40, |_| false, 0.0));
    assert!(
        quiet.iter().all(|row| row.verdict == "no evidence"),
        "{quiet:?}"
    );
    // One lot, or one step only: nothing to compare with.
    let alone = ask(&[(0, 100.0, 9.0)]);
    assert!(
        alone.iter().all(|row| row.verdict == "no evidence"),
        "{alone:?}"
    );
    // The whole series is bad, and there is something else to compare it with.
    let lots = supplier(40, |at| at < 20, 9.0);
    let rows = read(&call(&lots, steps(&lots, |at| (at < 20).then_some("S"))));
    assert_eq!(windows(&rows), [("00000", "00019")]);
}

#[test]
fn lots_without_shipped_units_are_passed_over() {
    let mut lots = supplier(40, |at| (12..18).contains(&at), 8.0);
    for lot in lots.iter_mut().filter(|lot| lot.0 % 2 == 0) {
        (lot.1, lot.2) = (0.0, lot.2.min(2.0));
    }
    let rows = ask(&lots);
    // Step 12 has no units: it could not have shown anything, and stands beside a bad one.
    assert_eq!(windows(&rows), [("00012", "00017")]);
    // The complaints of the window are those of its three lots that were shipped.
    let window = &rows[0];
    assert_eq!((window.factor.as_str(), window.complaints), ("period", 24));
}

/// Complaints about lots of which nothing was shipped stand in the rows of these lots and change no other.
#[test]
fn complaints_without_exposure_change_nothing_else() {
    let quiet = supplier(40, |at| (12..18).contains(&at), 8.0);
    let mut loud = quiet.clone();
    let extra = (40..50).map(|at| (at, 0.0, 0.0));
    let quiet: Vec<Lot> = quiet.into_iter().chain(extra).collect();
    loud.extend((40..50).map(|at| (at, 0.0, 7.0)));
    let others = |rows: Vec<Ends>| -> Vec<Ends> {
        let is_other = |row: &Ends| row.factor != "lot" || row.value.as_str() < "L0040";
        rows.into_iter().filter(is_other).collect()
    };
    let rows = ask(&loud);
    let own: Vec<&Ends> = rows
        .iter()
        .filter(|row| row.factor == "lot" && row.value.as_str() >= "L0040")
        .collect();
    assert_eq!(own.len(), 10);
    for row in own {
        assert_eq!((row.complaints, row.p_value), (7, None), "{row:?}");
        assert_eq!(row.verdict, "no evidence");
    }
    assert_eq!(others(rows), others(ask(&quiet)));
}

/// The clearest window is that of trying them all, but for ends that could not show anything.
#[test]
fn the_window_is_the_one_that_trying_all_finds() {
    for seed in 0..40 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let lots: Vec<Lot> = (0..25)
            .map(|at| {
                (
                    at / 2,
                    f64::from(dice.u32(20..300)),
                    f64::from(dice.u32(0..4)),
                )
            })
            .collect();
        let (x, e): (f64, f64) = lots
            .iter()
            .fold((0.0, 0.0), |sum, lot| (sum.0 + lot.2, sum.1 + lot.1));
        let llr = |x1: f64, e1: f64| {
            let mean = x * e1 / e;
            if x1 <= mean || e1 >= e {
                return 0.0;
            }
            let rest = if x > x1 {
                (x - x1) * ((x - x1) / (x - mean)).ln()
            } else {
                0.0
            };
            x1 * (x1 / mean).ln() + rest
        };
        let mut most: f64 = 0.0;
        for from in 0..13 {
            for to in from..13 {
                let inside = lots.iter().filter(|lot| (from..=to).contains(&lot.0));
                let (x1, e1) = inside.fold((0.0, 0.0), |sum, lot| (sum.0 + lot.2, sum.1 + lot.1));
                most = most.max(llr(x1, e1));
            }
        }
        let rows = ask(&lots);
        let best = rows.iter().filter(|row| row.factor == "period");
        let best = best.map(|row| row.llr).fold(0.0, f64::max);
        assert!(
            best <= most + 1e-9 && best >= most - 1.92,
            "seed {seed}: {best} is not {most}"
        );
    }
}

/// Where nothing is planted the p of the search is at most 5 % in about 5 % of the series.
#[test]
fn the_p_of_the_search_keeps_its_level() {
    let (mut below, mut all) = (0, 0);
    for seed in 0..300 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut lots: Vec<Lot> = (0..30)
            .map(|at| (at, 50.0 + f64::from(dice.u32(0..200)), 0.0))
            .collect();
        for _ in 0..60 {
            // A unit is drawn by the share of its lot.
            let whole: f64 = lots.iter().map(|lot| lot.1).sum();
            let mut point = dice.f64() * whole;
            let at = lots.iter().position(|lot| {
                point -= lot.1;
                point < 0.0
            });
            lots[at.unwrap_or(29)].2 += 1.0;
        }
        let rows = ask(&lots);
        let window = rows.iter().find(|row| row.factor == "period").unwrap();
        below += u32::from(window.p_value.unwrap() <= 0.05);
        all += 1;
    }
    println!("p at most 0.05 in {below} of {all} series");
    assert!(below <= 28, "{below} of {all}");
    assert!(below >= 4, "{below} of {all}: the p is of no use");
}

#[test]
fn series_that_cannot_be_used_are_refused_with_a_reason() {
    let lots = supplier(4, |_| false, 0.0);
    let refused = |series: Batch| {
        let error = call(&lots, series).run_cut(10).unwrap_err();
        error.to_string()
    };
    let twice = Batch::new([
        column("lot", ["L0001", "L0001"]),
        column("factor", ["period", "period"]),
        column("series", ["S", "T"]),
        column("step", ["1", "2"]),
    ]);
    let twice = refused(twice.unwrap());
    assert!(
        twice.contains("`period of L0001` is there twice"),
        "{twice}"
    );
    let other = Batch::new([
        column("plot", ["L0001"]),
        column("factor", ["period"]),
        column("series", ["S"]),
        column("step", ["1"]),
    ]);
    let other = refused(other.unwrap());
    assert!(
        other.contains("`plot`, which the cells do not have"),
        "{other}"
    );
    let factors = Batch::new([
        column("lot", ["L0001"]),
        column("factor", ["period"]),
        column("value", ["S"]),
    ]);
    let known = call(&lots, steps(&lots, |_| Some("S"))).input("factors", factors.unwrap());
    let known = known.run_cut(10).unwrap_err().to_string();
    assert!(known.contains("period is there twice"), "{known}");
}

/// 200,000 lots in one series, and half of them with complaints: ends are first tried at some of them.
#[test]
fn two_hundred_thousand_lots_are_searched_in_bounds_and_what_was_left_out_is_said() {
    let mut dice = fastrand::Rng::with_seed(3);
    let lots: Vec<Lot> = (0..200_000)
        .map(|at| {
            let bad = (120_000..120_400).contains(&at);
            let rate = if bad { 0.05 } else { 0.005 };
            let complaints = (0..100).filter(|_| dice.f64() < rate).count();
            (at, 100.0, complaints as f64)
        })
        .collect();
    let begun = std::time::Instant::now();
    let series = steps(&lots, |_| Some("S"));
    let answer = call(&lots, series).run_cut(50_000).unwrap();
    println!("200,000 lots in {:?}", begun.elapsed());
    let first = answer.read::<Ends>().unwrap().next().unwrap().unwrap();
    let end = |step: &Option<String>| step.as_deref().unwrap().parse::<i64>().unwrap();
    assert!((end(&first.first_step) - 120_000).abs() < 5, "{first:?}");
    assert!((end(&first.last_step) - 120_399).abs() < 5, "{first:?}");
    assert!(
        first.reason.contains("windows were first tried at every"),
        "{}",
        first.reason
    );
}

/// Rows have the columns of every other answer too.
#[test]
fn fixed_values_and_windows_stand_in_one_answer() {
    let lots = supplier(40, |at| (12..18).contains(&at), 8.0);
    let answer = call(&lots, steps(&lots, |_| Some("S"))).run_cut(7).unwrap();
    let rows: Vec<Found> = answer
        .read::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let parts = rows
        .iter()
        .filter(|row| row.part_of.as_deref() == Some("period S 00012 to 00017"));
    assert!(parts.count() > 2, "{rows:?}");
}

/// No supplier is known, or there is one lot alone.
#[test]
fn what_little_is_known_is_judged_and_what_cannot_be_compared_is_said() {
    let lots = supplier(40, |at| (12..18).contains(&at), 8.0);
    let unknown = read(&call(&lots, steps(&[], |_| Some("S"))));
    assert!(unknown.iter().all(|row| row.factor == "lot"), "{unknown:?}");
    assert_eq!(unknown[0].verdict, "leading suspect");

    let alone = ask(&lots[12..13]);
    assert!(
        alone.iter().all(|row| row.verdict == "no evidence"),
        "{alone:?}"
    );
    assert!(
        alone[0]
            .reason
            .contains("there are no other units to compare with"),
        "{}",
        alone[0].reason
    );
}
