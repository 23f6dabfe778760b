//! What was promised, and what care brought about: the offer ledger, lift, the measured experiment.

#![allow(clippy::unwrap_used)]

mod common;

use common::{case, expect};
use parquet_rows::file::reader::{FileReader, SerializedFileReader};
use parquet_rows::record::Field;
use tsugi_outreach::{Lift, OfferLedgerOperator};
use tsugi_plugin::testing::measured;
use tsugi_plugin::{Batch, Collect, column, testing};

const GYM: [&str; 2] = [
    "customer_id=C-1|kind=membership|terms=50 % for 1 month|valid_to=2026-04-30|partner=Gym",
    "customer_id=C-1|kind=membership|terms=50 % for 3 months|valid_from=2026-03-01|partner=Brand",
];
const UPGRADE: &str = "membership: 50 % for 1 month -> 50 % for 3 months";

fn ledger(offers: &[&str], rules: &[&str]) -> Vec<String> {
    let rows = |rows: &[&str]| {
        let rows: Vec<String> = rows.iter().map(|row| (*row).to_string()).collect();
        common::batch(&rows)
    };
    let mut run = testing::table::<Collect<OfferLedgerOperator>>()
        .option("as_of", "2026-03-31")
        .input("offers", rows(offers));
    if !rules.is_empty() {
        run = run.input("rules", rows(rules));
    }
    let found = run.run().unwrap();
    let line = |row: usize| {
        let cells = found.columns().map(|column| {
            column
                .text(row)
                .map_or("-".to_string(), |text| text.into_owned())
        });
        cells.collect::<Vec<_>>().join(" | ")
    };
    (0..found.rows()).map(line).collect()
}

#[test]
fn two_promises_are_a_conflict_until_a_rule_reconciles_them() {
    assert_eq!(
        ledger(&GYM, &[]),
        ["C-1 | membership | 50 % for 1 month AND 50 % for 3 months | Brand, Gym | conflict | -"]
    );
    let upgrade = format!("rule=offer_upgrade|value={UPGRADE}");
    assert_eq!(
        ledger(&GYM, &[&upgrade]),
        [
            "C-1 | membership | 50 % for 1 month AND 50 % for 3 months | Brand, Gym | upgraded | 50 % for 3 months"
        ]
    );
    assert_eq!(
        ledger(&GYM[..1], &[&upgrade]),
        ["C-1 | membership | 50 % for 1 month | Gym | clear | 50 % for 1 month"]
    );
    let circle = [
        "rule=offer_upgrade|value=membership: 50 % for 3 months -> 50 % for 1 month",
        upgrade.as_str(),
    ];
    assert!(
        ledger(&GYM, &circle)[0].ends_with("| conflict | -"),
        "upgrades in a circle settle nothing"
    );
    let ended = GYM[1].replace("valid_from", "valid_to");
    assert_eq!(ledger(&[GYM[0], &ended], &[]).len(), 1);
    assert!(ledger(&[GYM[0], &ended], &[])[0].contains("clear"));
}

#[test]
fn a_campaign_against_a_held_offer_is_blocked_until_a_rule_upgrades_it() {
    let mut gym = case("advertisement")
        .target("offer_kind", "membership")
        .target("offer_terms", "50 % for 3 months");
    gym.offers = vec![GYM[0].to_string()];
    expect(&gym.one(), "suppress", &["offer-conflict"]);
    let upgraded = gym.rule("offer_upgrade", UPGRADE).one();
    expect(&upgraded, "send", &["offer-upgraded"]);
    assert!(upgraded.reasons().contains("honour 50 % for 3 months"));
}

fn lift(outcomes: &[f64], treated: &[bool]) -> Batch {
    let args = Batch::new([
        column("outcome", outcomes.to_vec()),
        column("treated", treated.to_vec()),
    ])
    .unwrap();
    testing::aggregate_checked::<Lift>(&args, &vec![0; outcomes.len()], 1).unwrap()
}

fn number(answer: &Batch, name: &str) -> f64 {
    let json = answer.column_at(0).unwrap().text(0).unwrap().into_owned();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    value[name].as_f64().unwrap_or(f64::NAN)
}

#[test]
fn lift_abstains_where_a_side_is_missing() {
    let none = lift(&[1.0, 0.0], &[true, true]);
    assert!(number(&none, "lift").is_nan() && number(&none, "low").is_nan());
    assert_eq!(number(&none, "naive"), 1.0);
    let single = lift(&[3.5, 2.0], &[true, false]);
    assert_eq!(number(&single, "lift"), 1.5);
    assert!(
        number(&single, "low").is_nan(),
        "one person a side has no spread"
    );
    // Worked by hand: means 2 and 1, variances 1 and 1, n 3 and 3, standard error 0.8165, 4 degrees of freedom.
    let small = lift(
        &[1.0, 2.0, 3.0, 0.0, 1.0, 2.0],
        &[true, true, true, false, false, false],
    );
    assert!((number(&small, "statistic") - 1.224_744_871).abs() < 1e-8);
    assert!((number(&small, "high") - (1.0 + 2.776_445_105 * 0.816_496_581)).abs() < 1e-6);
    let error = testing::aggregate::<Lift>(
        &Batch::new([column("outcome", [f64::NAN]), column("treated", [true])]).unwrap(),
        &[0],
        1,
    );
    assert_eq!(error.unwrap_err().code, "bad-number");
}

#[test]
fn a_randomised_experiment_gives_its_published_lift() {
    let Some(folder) = measured("hillstrom_email") else {
        return;
    };
    let expected: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("expected.json")).unwrap())
            .unwrap();
    let file = std::fs::File::open(folder.join("hillstrom.parquet")).unwrap();
    let mut rows: Vec<(String, [f64; 3])> = Vec::new();
    for row in SerializedFileReader::new(file)
        .unwrap()
        .get_row_iter(None)
        .unwrap()
    {
        let row = row.unwrap();
        let field = |name: &str| {
            row.get_column_iter()
                .find(|(own, _)| *own == name)
                .unwrap()
                .1
                .clone()
        };
        let value = |name: &str| match field(name) {
            Field::Double(value) => value,
            Field::Long(value) => value as f64,
            Field::Int(value) => f64::from(value),
            other => other.to_string().parse().unwrap(),
        };
        let Field::Str(segment) = field("segment") else {
            panic!("segment is text");
        };
        rows.push((segment, ["visit", "conversion", "spend"].map(value)));
    }
    assert_eq!(rows.len(), 64_000);
    for (arm, outcomes) in expected.as_object().unwrap() {
        for (at, outcome) in ["visit", "conversion", "spend"].iter().enumerate() {
            let both = rows
                .iter()
                .filter(|(segment, _)| segment == arm || segment == "No E-Mail");
            let (values, treated): (Vec<f64>, Vec<bool>) = both
                .map(|(segment, values)| (values[at], segment == arm))
                .unzip();
            let answer = lift(&values, &treated);
            let expected = &outcomes[outcome];
            let near = |name: &str, expected: &serde_json::Value, tolerance: f64| {
                let (own, other) = (number(&answer, name), expected.as_f64().unwrap());
                let apart = (own - other).abs();
                assert!(
                    apart <= tolerance * other.abs().max(1e-300),
                    "{arm} {outcome} {name}: {own} and {other}"
                );
            };
            near("treated_mean", &expected["treated"], 1e-9);
            near("holdout_mean", &expected["holdout"], 1e-9);
            near("lift", &expected["lift_abs"], 1e-9);
            near("low", &expected["ci95"][0], 1e-4);
            near("high", &expected["ci95"][1], 1e-4);
            match *outcome {
                "spend" => {
                    near("statistic", &expected["welch_t"], 1e-9);
                    near("p_value", &expected["p_two_sided"], 1e-3);
                    near("incremental", &expected["incremental_revenue"], 1e-9);
                    near("naive", &expected["naive_attributed_revenue"], 1e-9);
                    assert!(number(&answer, "naive") > 1.5 * number(&answer, "incremental"));
                }
                _ => {
                    near("statistic", &expected["z_pooled"], 1e-9);
                    near("p_value", &expected["p_two_sided"], 1e-6);
                    near("incremental", &expected["incremental"], 1e-9);
                }
            }
        }
    }
}
