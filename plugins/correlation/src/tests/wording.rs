//! The words never claim more than the numbers allow, over thousands of generated situations: who leads
//! is clear over everything that was tested and has its whole interval above 1; a ratio is written as a finding
//! only where its interval leaves out 1; no unit is called a cause.

use super::invented::{CellRow, Dice, FACTORS, NESTED, Plan, ask, business, row};
use crate::{
    ChangeEffectTable, DisproportionalityTable, LotWindowScanTable, RecentShareTable,
    RegionScanTable,
};
use tsugi_plugin::testing::table;
use tsugi_plugin::{Batch, column};

const LEADING: &str = "leading suspect";
const PERSON: &str = "suspect, needs a person";
const PART: &str = "part of a suspect";
const EXPLAINED: &str = "explained by another";
const BY_PART: &str = "explained by its part";
const NOTHING: &str = "no evidence";

/// What a row says, and what it rests on.
#[derive(Debug)]
struct Claim {
    verdict: String,
    /// q where many were tested, else p.
    level: Option<f64>,
    count: u64,
    interval: Option<(Option<f64>, Option<f64>)>,
    /// No limits because no other unit has any.
    unbounded: bool,
    reason: String,
}

/// How often each verdict was seen.
#[derive(Debug, Default)]
struct Seen {
    leading: usize,
    person: usize,
    nothing: usize,
    findings: usize,
    no_difference: usize,
}

fn judge(claim: &Claim, seen: &mut Seen) {
    let text = claim.reason.to_lowercase();
    for word in [
        " cause", "prove", "guilt", " fault", "blame", "confirm", " nan", "inf ",
    ] {
        assert!(!text.contains(word), "`{word}` is said: {claim:?}");
    }
    let (low, high) = claim.interval.unwrap_or_default();
    let above = low.is_some_and(|low| low > 1.0);
    match claim.verdict.as_str() {
        LEADING => {
            seen.leading += 1;
            assert!(claim.level.unwrap() < 0.05 && claim.count >= 5, "{claim:?}");
            assert!(
                claim.interval.is_none() || above || claim.unbounded,
                "{claim:?}"
            );
        }
        PERSON => {
            seen.person += 1;
            assert!(claim.level.unwrap() < 0.1 && claim.count >= 3, "{claim:?}");
        }
        EXPLAINED | BY_PART | PART => {}
        other => {
            seen.nothing += 1;
            assert_eq!(other, NOTHING, "{claim:?}");
        }
    }
    if claim.interval.is_none() {
        return;
    }
    let holds_1 = !above && high.is_none_or(|high| high >= 1.0);
    if text.contains("no clear difference") {
        seen.no_difference += 1;
        assert!(holds_1, "{claim:?}");
    } else if text.contains(" times the ") {
        seen.findings += 1;
        assert!(!holds_1, "{claim:?}");
    }
}

/// The claims of an answer, where columns have these names.
fn claims(answer: &Batch, level: &str, count: &str, limits: Option<[&str; 2]>) -> Vec<Claim> {
    let number = |name: &str, at: usize| answer.column(name).unwrap().number(at);
    let text = |name: &str, at: usize| {
        let column = answer.column(name).ok()?;
        column.text(at).map(|text| text.into_owned())
    };
    (0..answer.rows())
        .map(|at| Claim {
            verdict: text("verdict", at).unwrap(),
            level: number(level, at),
            count: number(count, at).unwrap() as u64,
            interval: limits.map(|[low, high]| (number(low, at), number(high, at))),
            unbounded: text("unbounded", at).is_some(),
            reason: text("reason", at).unwrap(),
        })
        .collect()
}

/// Two factors with whatever rates chance gives, and perhaps a cause.
fn cells(dice: &mut Dice) -> Vec<CellRow> {
    let (lots, base) = (2 + dice.below(20), dice.share() * 0.02);
    let (bad, strength) = (dice.below(lots), [1.0, 1.5, 3.0, 10.0][dice.below(4)]);
    (0..lots)
        .flat_map(|lot| {
            let units = [30, 300, 3000][dice.below(3)];
            let rate = if lot == bad { base * strength } else { base };
            let hits = (0..units).filter(|_| dice.share() < rate).count();
            let (lot, supplier) = (format!("L{lot:02}"), format!("S{}", lot % 3));
            let values = [lot.as_str(), supplier.as_str()];
            [
                row(None, units as f64, 0.0, &values),
                row(Some("crack"), 0.0, hits as f64, &values),
            ]
        })
        .collect()
}

#[test]
fn attribution_says_no_more_than_its_intervals() {
    let mut seen = Seen::default();
    let mut answers = Vec::new();
    for seed in 0..600 {
        let rows = cells(&mut Dice(seed));
        answers.push(ask(&rows, "lot,supplier", Some("lot<supplier")));
    }
    for seed in 0..20 {
        let plan = Plan {
            bad_lots: 6,
            bad_rate: [0.003, 0.01, 0.02, 0.05][seed as usize % 4],
            base_rate: 0.003,
            unruly: [1.0, 6.0][seed as usize % 2],
        };
        answers.push(ask(&business(seed + 500, plan), FACTORS, Some(NESTED)));
    }
    for found in answers.iter().flatten() {
        let claim = Claim {
            verdict: found.verdict.clone(),
            level: found.q_value,
            count: found.complaints as u64,
            interval: Some((found.rate_ratio_low, found.rate_ratio_high)),
            unbounded: false,
            reason: found.reason.clone(),
        };
        judge(&claim, &mut seen);
        match found.verdict.as_str() {
            EXPLAINED | BY_PART => {
                let by = found.explained_by.as_deref().unwrap();
                assert!(found.reason.contains(by), "{found:?}");
            }
            PERSON => assert!(found.reason.contains("a person must judge"), "{found:?}"),
            _ => {}
        }
    }
    println!("{seen:?}");
    assert!(seen.leading > 100 && seen.person > 20 && seen.nothing > 1000);
    assert!(seen.findings > 200 && seen.no_difference > 1000);
}

#[test]
fn reports_say_no_more_than_their_intervals() {
    let mut seen = Seen::default();
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let (units, topics) = (2 + dice.below(9), 1 + dice.below(4));
        let favoured = (dice.below(units), dice.below(topics));
        let mut rows = (Vec::new(), Vec::new(), Vec::new());
        for unit in 0..units {
            for topic in 0..=topics {
                let most = if (unit, topic) == favoured { 40 } else { 10 };
                rows.0.push(format!("U{unit}"));
                rows.1.push((topic < topics).then(|| format!("T{topic}")));
                rows.2.push(dice.below(most) as f64);
            }
        }
        let rows = Batch::new([
            column("unit", rows.0),
            column("topic", rows.1),
            column("n", rows.2),
        ])
        .unwrap();
        let call = table::<DisproportionalityTable>().input("reports", rows);
        let answer = call.option("prior", "none").run_cut(99).unwrap();
        let limits = Some(["prr_low", "prr_high"]);
        for claim in claims(&answer, "q_value", "a", limits) {
            judge(&claim, &mut seen);
        }
    }
    println!("{seen:?}");
    assert!(seen.leading > 100 && seen.person > 20 && seen.nothing > 1000);
    assert!(seen.findings > 200 && seen.no_difference > 1000);
}

#[test]
fn newest_shares_say_no_more_than_their_intervals() {
    let mut seen = Seen::default();
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let units = 2 + dice.below(9);
        let risen = [0.1, 0.3, 1.0][dice.below(3)];
        let reports = 20 + dice.below(200);
        let rows: Vec<(usize, String)> = (0..reports)
            .map(|_| {
                let new = dice.share() < 0.3;
                let unit = if new && dice.share() < risen {
                    0
                } else {
                    dice.below(units)
                };
                let month = if new { 4 } else { 1 + dice.below(3) };
                (unit, format!("2026-{month:02}-{:02}", 1 + dice.below(28)))
            })
            .collect();
        let rows = Batch::new([
            column("unit", rows.iter().map(|row| format!("U{}", row.0))),
            column("date", rows.iter().map(|row| row.1.clone())),
        ])
        .unwrap();
        let call = table::<RecentShareTable>().input("reports", rows);
        let answer = call.option("as_of", "2026-04-30").run_cut(99).unwrap();
        let limits = Some(["share_ratio_low", "share_ratio_high"]);
        for claim in claims(&answer, "q_value", "recent", limits) {
            judge(&claim, &mut seen);
        }
    }
    println!("{seen:?}");
    assert!(seen.leading > 50 && seen.person > 5 && seen.nothing > 500);
    assert!(seen.findings > 100 && seen.no_difference > 500);
}

#[test]
fn scans_lead_only_where_chance_hardly_does_as_much() {
    let mut seen = Seen::default();
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let strength = 1 + dice.below(8);
        let regions = 25;
        let rows = Batch::new([
            column("region", (0..regions).map(|at| format!("R{at:02}"))),
            column(
                "cases",
                (0..regions).map(|at| dice.below(if at < 3 { 3 * strength } else { 5 }) as f64),
            ),
            column("population", vec![100.0; regions]),
            column("x", (0..regions).map(|at| (at % 5) as f64)),
            column("y", (0..regions).map(|at| (at / 5) as f64)),
        ])
        .unwrap();
        let call = table::<RegionScanTable>().input("regions", rows);
        let answer = call.option("simulations", 199_i64).run_cut(99).unwrap();
        for claim in claims(&answer, "p_value", "cases", None) {
            judge(&claim, &mut seen);
        }
        let made = |dice: &mut Dice, unit: usize| {
            let month = if unit == 0 && dice.below(9) < strength {
                3
            } else {
                1 + dice.below(12)
            };
            format!("2025-{month:02}-{:02}", 1 + dice.below(28))
        };
        let units: Vec<usize> = (0..120).map(|_| dice.below(4)).collect();
        let rows = Batch::new([
            column("unit", units.iter().map(|unit| format!("U{unit}"))),
            column("made", units.iter().map(|unit| made(&mut dice, *unit))),
        ])
        .unwrap();
        let call = table::<LotWindowScanTable>().input("complaints", rows);
        let answer = call.option("simulations", 199_i64).run_cut(99).unwrap();
        for claim in claims(&answer, "q_value", "observed", None) {
            judge(&claim, &mut seen);
        }
    }
    println!("{seen:?}");
    assert!(seen.leading > 20 && seen.nothing > 100, "{seen:?}");
}

#[test]
fn an_effect_is_shown_only_where_the_interval_leaves_out_1() {
    let (mut shown, mut not) = (0, 0);
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let factor = [0.3, 0.8, 1.0, 1.3, 3.0][dice.below(5)];
        let cells: Vec<(bool, bool)> = (0..24).map(|at| (at % 2 == 1, at / 2 % 2 == 1)).collect();
        let events: Vec<f64> = cells
            .iter()
            .map(|cell| {
                let rate = if *cell == (true, true) { factor } else { 1.0 };
                (rate * (2 + dice.below(8)) as f64).round()
            })
            .collect();
        let rows = Batch::new([
            column("treated", cells.iter().map(|cell| cell.0)),
            column("after", cells.iter().map(|cell| cell.1)),
            column("events", events),
            column("exposure", vec![100.0; 24]),
        ])
        .unwrap();
        let answer = table::<ChangeEffectTable>()
            .input("units", rows)
            .run_cut(99)
            .unwrap();
        let limit = |name: &str| answer.column(name).unwrap().number(0).unwrap();
        let holds_1 = limit("ratio_low") <= 1.0 && limit("ratio_high") >= 1.0;
        let reason = answer
            .column("reason")
            .unwrap()
            .text(0)
            .unwrap()
            .into_owned();
        assert_eq!(reason.contains("no effect is shown"), holds_1, "{reason}");
        let counter = if holds_1 { &mut not } else { &mut shown };
        *counter += 1;
    }
    println!("{shown} effects shown, {not} not");
    assert!(shown > 50 && not > 50);
}
