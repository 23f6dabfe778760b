//! `retention`: the published cohorts, what is forecast and what is not, real orders, wrong rows.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use parquet_rows::file::reader::{FileReader, SerializedFileReader};
use tsugi_outreach::RetentionOperator;
use tsugi_plugin::testing::measured;
use tsugi_plugin::{Batch, Collect, Error, column, testing};

/// Of 1,000 customers each, how many remain after each of twelve years (Fader and Hardie 2007).
const HIGH_END: [i64; 13] = [
    1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394,
];
const REGULAR: [i64; 13] = [
    1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173,
];

type Rows<'r> = Vec<(&'r str, &'r str, i64, i64)>;

fn cohort<'r>(unit: &'r str, name: &'r str, remaining: &[i64]) -> Rows<'r> {
    let rows = remaining.iter().zip(0..);
    rows.map(|(remaining, period)| (unit, name, period, *remaining))
        .collect()
}

fn retention(rows: &Rows<'_>, horizon: i64, hidden: Option<i64>) -> Result<Batch, Error> {
    let units: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let cohorts: Vec<&str> = rows.iter().map(|row| row.1).collect();
    let periods: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let remaining: Vec<i64> = rows.iter().map(|row| row.3).collect();
    let input = Batch::new([
        column("unit", units),
        column("cohort", cohorts),
        column("period", periods),
        column("kept", remaining),
    ])
    .unwrap();
    let mut run = testing::table::<Collect<RetentionOperator>>()
        .option("horizon", horizon)
        .input("cohorts", input);
    if let Some(hidden) = hidden {
        run = run.option("hidden", hidden);
    }
    run.run()
}

/// The row of a unit by column.
fn row_of(answer: &Batch, unit: &str) -> BTreeMap<String, String> {
    let row = (0..answer.rows())
        .find(|row| answer.utf8("unit").unwrap().get(*row) == Some(unit))
        .unwrap();
    let cells = answer.columns().map(|column| {
        let text = column.text(row).map(|text| text.into_owned());
        (column.name().to_string(), text.unwrap_or_default())
    });
    cells.collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().unwrap_or(f64::NAN)
}

#[track_caller]
fn near(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{found}, not {expected}"
    );
}

#[test]
fn the_published_cohorts_give_the_published_numbers() {
    let mut rows = cohort("high end", "all", &HIGH_END[..8]);
    rows.extend(cohort("regular", "all", &REGULAR[..8]));
    let answer = retention(&rows, 12, Some(1)).unwrap();
    for (unit, alpha, beta, at_twelve) in [
        ("high end", 0.668, 3.806, 0.394),
        ("regular", 0.704, 1.182, 0.173),
    ] {
        let row = row_of(&answer, unit);
        assert_eq!(row["finding"], "stated", "{row:?}");
        near(number(&row, "alpha"), alpha, 0.0006);
        near(number(&row, "beta"), beta, 0.0006);
        // Seen to year 7 and foreseen to year 12: what came lies in the interval, and close by.
        near(number(&row, "share"), at_twelve, 0.02);
        assert!(
            number(&row, "share_low") <= at_twelve && at_twelve <= number(&row, "share_high"),
            "{row:?}"
        );
        assert!(number(&row, "low") < number(&row, "expected"));
        assert!(number(&row, "expected") < number(&row, "high"));
    }
}

#[test]
fn a_forecast_is_held_against_years_it_has_not_seen() {
    let rows = cohort("regular", "all", &REGULAR);
    let row = row_of(&retention(&rows, 15, Some(5)).unwrap(), "regular");
    assert_eq!(
        (row["periods"].as_str(), row["hidden_kept"].as_str()),
        ("12", "173")
    );
    near(number(&row, "hidden_expected"), 173.0, 10.0);
    assert!(number(&row, "hidden_error") < 0.05, "{row:?}");
    assert_eq!(row["finding"], "stated");
    let remaining: f64 = REGULAR[1..]
        .iter()
        .map(|remaining| *remaining as f64 / 1000.0)
        .sum();
    let row = row_of(&retention(&rows, 12, Some(5)).unwrap(), "regular");
    near(number(&row, "expected"), remaining, 0.03);
}

#[test]
fn cohorts_that_began_at_other_times_are_one_population() {
    let whole = row_of(
        &retention(&cohort("u", "all", &REGULAR), 12, Some(3)).unwrap(),
        "u",
    );
    let mut rows = cohort("u", "2001", &REGULAR);
    rows.extend(cohort("u", "2005", &REGULAR[..9]));
    rows.extend(cohort("u", "2013", &REGULAR[..1]));
    let split = row_of(&retention(&rows, 12, Some(3)).unwrap(), "u");
    near(number(&split, "alpha"), number(&whole, "alpha"), 0.02);
    assert_eq!(split["people"], "3000");
    let width = |row: &BTreeMap<String, String>| number(row, "high") - number(row, "low");
    assert!(width(&split) < width(&whole), "more people, closer ends");
}

#[test]
fn where_too_little_is_known_nothing_is_foreseen() {
    let short = retention(&cohort("u", "c", &REGULAR[..4]), 6, None).unwrap();
    let few: Vec<i64> = REGULAR.iter().map(|remaining| remaining / 20).collect();
    let few = retention(&cohort("u", "c", &few), 12, None).unwrap();
    let far = retention(&cohort("u", "c", &REGULAR), 37, None).unwrap();
    // No one leaves for years, then most do: no such model says that.
    let broken = [1000, 950, 940, 935, 930, 928, 926, 500, 200, 90];
    let broken = retention(&cohort("u", "c", &broken), 12, None).unwrap();
    for (answer, why) in [
        (short, "2 periods beside 1 to test with, and 4 are needed"),
        (few, "50 people, and 100 are needed"),
        (
            far,
            "37 periods ahead are more than 3 times the 12 observed",
        ),
        (broken, "the forecast of 3 hidden periods was wrong by"),
    ] {
        let row = row_of(&answer, "u");
        assert!(row["finding"].starts_with("not known: "), "{row:?}");
        assert!(row["finding"].contains(why), "{why}: {row:?}");
        assert_eq!(row["expected"], "", "{row:?}");
        assert_eq!(row["share_high"], "", "{row:?}");
    }
}

#[test]
fn rows_that_cannot_be_cohorts_are_errors_with_their_place() {
    let of = |rows: &[&str]| {
        let rows: Vec<String> = rows.iter().map(|row| (*row).to_string()).collect();
        let input = common::batch(&rows);
        let run = testing::table::<Collect<RetentionOperator>>().option("horizon", 3_i64);
        run.input("cohorts", input).run().unwrap_err()
    };
    for (rows, code, words) in [
        (
            &[
                "unit=u|cohort=c|period=0|kept=5",
                "unit=u|cohort=c|period=1|kept=6",
            ][..],
            "bad-count",
            "cohort \"c\": more people are present after period 1 than before",
        ),
        (
            &[
                "unit=u|cohort=c|period=0|kept=5",
                "unit=u|cohort=c|period=2|kept=4",
            ],
            "bad-period",
            "period 1 is missing",
        ),
        (
            &[
                "unit=u|cohort=c|period=0|kept=5",
                "unit=u|cohort=c|period=0|kept=5",
            ],
            "bad-period",
            "period 0 is there twice",
        ),
        (
            &["unit=u|cohort=c|period=0|kept=few"],
            "bad-count",
            "kept is \"few\"",
        ),
        (
            &["unit=u|cohort=c|period=-1|kept=1"],
            "bad-count",
            "period is \"-1\"",
        ),
        (
            &["unit=u|cohort=c|period=5000|kept=1"],
            "bad-period",
            "more than 1000 periods",
        ),
    ] {
        let error = of(rows);
        assert_eq!(error.code, code, "{error:?}");
        assert!(error.message.contains(words), "{words}: {error:?}");
    }
    let error = retention(&cohort("u", "c", &REGULAR), 0, None).unwrap_err();
    assert_eq!(error.code, "bad-option");
}

#[test]
fn a_sample_of_real_orders_is_too_thin_to_foresee_anything() {
    let Some(folder) = measured("olist_sample") else {
        return;
    };
    let read = |file: &str, wanted: [&str; 2]| {
        let file = std::fs::File::open(folder.join(file)).unwrap();
        let rows = SerializedFileReader::new(file).unwrap();
        let pairs = rows.get_row_iter(None).unwrap().map(move |row| {
            let row = row.unwrap();
            let text = |name: &str| {
                let mut columns = row.get_column_iter();
                let (_, field) = columns.find(|(own, _)| *own == name).unwrap();
                field.to_string().trim_matches('"').to_string()
            };
            (text(wanted[0]), text(wanted[1]))
        });
        pairs.collect::<Vec<_>>()
    };
    let people: BTreeMap<String, String> =
        read("customers.parquet", ["customer_id", "customer_unique_id"])
            .into_iter()
            .collect();
    // Quarters in which somebody bought, by the month that stands first in the time of the order.
    let mut bought: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    let orders = read(
        "orders.parquet",
        ["customer_id", "order_purchase_timestamp"],
    );
    for (customer, at) in &orders {
        let (year, rest) = at.split_once('-').unwrap();
        let month: i64 = rest[..2].parse().unwrap();
        let quarter = year.parse::<i64>().unwrap() * 4 + (month - 1) / 3;
        bought
            .entry(people[customer].as_str())
            .or_default()
            .push(quarter);
    }
    let last = bought.values().flatten().max().copied().unwrap();
    let mut remaining: BTreeMap<(i64, i64), i64> = BTreeMap::new();
    for quarters in bought.values() {
        let first = *quarters.iter().min().unwrap();
        let stayed = (1..)
            .take_while(|after| quarters.contains(&(first + after)))
            .count() as i64;
        for period in 0..last - first {
            *remaining.entry((first, period)).or_default() += i64::from(stayed >= period);
        }
    }
    let names: BTreeMap<i64, String> = remaining
        .keys()
        .map(|(first, _)| (*first, first.to_string()))
        .collect();
    let rows: Rows<'_> = remaining
        .iter()
        .map(|((first, period), remaining)| ("olist", names[first].as_str(), *period, *remaining))
        .collect();
    let row = row_of(&retention(&rows, 12, None).unwrap(), "olist");
    assert!(number(&row, "people") > 20_000.0, "{row:?}");
    assert!(
        row["finding"].starts_with("not known: ")
            && row["finding"].contains("stayed, and 30 of each are needed"),
        "{row:?}"
    );
}
