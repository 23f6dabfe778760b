//! Rates by exposure against published and recomputed figures: water suppliers of London, recalled
//! instruments, received goods.

use super::data::{Sheet, agree, folder, numbers, parquet, texts};
use crate::{AttributeTable, EventRate, MantelHaenszel, Proportion, RateRatio};
use std::collections::BTreeMap;
use tsugi_plugin::testing::{aggregate_checked, table};
use tsugi_plugin::{Batch, Row, Value, column};

/// A number of a group's answer.
fn field(answer: &Batch, group: usize, name: &str) -> Option<f64> {
    match answer.column_at(0).unwrap().value(group) {
        Value::Struct(fields) => {
            let found = fields.into_iter().find(|field| field.0 == name);
            found.unwrap().1.number()
        }
        other => panic!("{other:?} is no struct"),
    }
}

fn close(got: Option<f64>, want: f64, relative: f64) {
    assert!(agree(got.unwrap(), want, relative), "{got:?} is not {want}");
}

#[derive(Debug, Row)]
struct Found {
    value: String,
    rate_ratio: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    verdict: String,
}

/// Each group against all others, as `attribute` compares them.
fn attributed(groups: &[String], events: &[f64], exposure: &[f64]) -> BTreeMap<String, Found> {
    let cells = Batch::new([
        column("topic", groups.iter().map(|_| "cholera")),
        column("supplier", groups.to_vec()),
        column("shipped", exposure.to_vec()),
        column("complaints", events.to_vec()),
    ])
    .unwrap();
    let run = table::<AttributeTable>().input("cells", cells);
    let answer = run.run().unwrap();
    let rows = answer.read::<Found>().unwrap().map(Result::unwrap);
    rows.map(|row| (row.value.clone(), row)).collect()
}

#[test]
fn houses_and_deaths_of_snow_1855() {
    let Some(folder) = folder("snow_water_supplier") else {
        return;
    };
    let given = Sheet::read(&folder, "table9_supplier_houses.csv");
    let (names, deaths, houses) = (
        given.names("supplier"),
        given.numbers("deaths"),
        given.numbers("houses"),
    );
    let groups: Vec<u32> = (0..names.len() as u32).collect();
    let rows = Batch::new([
        column("events", deaths.clone()),
        column("exposure", houses.clone()),
    ])
    .unwrap();
    let rates = aggregate_checked::<EventRate>(&rows, &groups, names.len() as u32).unwrap();
    let expected = Sheet::read(&folder, "expected_table9_rates.csv");
    assert_eq!(expected.names("supplier"), names);
    for (name, column) in [("rate", "rate"), ("low", "rate_lo"), ("high", "rate_hi")] {
        for (group, want) in expected.numbers(column).into_iter().enumerate() {
            close(field(&rates, group, name), want, 1e-9);
        }
    }
    // As Snow printed them, per 10,000 houses; the 59 that he gives for
    // the rest of London does not follow from his own counts, which make 55.
    for (group, want) in [315.0, 37.0].into_iter().enumerate() {
        assert_eq!((field(&rates, group, "rate").unwrap() * 1e4).floor(), want);
    }
    let attributed = attributed(&names, &deaths, &houses);
    let (ratios, p_values, q_values) = (
        expected.numbers("rate_ratio_vs_rest"),
        expected.numbers("p_greater"),
        expected.numbers("bh_q"),
    );
    for (at, name) in names.iter().enumerate() {
        let row = &attributed[name];
        close(row.rate_ratio, ratios[at], 1e-9);
        close(row.p_value, p_values[at], 1e-8);
        close(row.q_value, q_values[at], 1e-8);
        assert_eq!(
            row.verdict == "leading suspect",
            name == "SouthwarkVauxhall",
            "{row:?}"
        );
        // The aggregate says the same of each against the rest.
        let three = Batch::new([
            column("events", deaths.clone()),
            column("exposure", houses.clone()),
            column("in_group", names.iter().map(|other| other == name)),
        ])
        .unwrap();
        let answer = aggregate_checked::<RateRatio>(&three, &vec![0; names.len()], 1).unwrap();
        close(field(&answer, 0, "ratio"), ratios[at], 1e-9);
        close(field(&answer, 0, "p"), p_values[at], 1e-8);
    }
    let two = Batch::new([
        column("events", deaths[..2].to_vec()),
        column("exposure", houses[..2].to_vec()),
        column("in_group", [true, false]),
    ])
    .unwrap();
    let answer = aggregate_checked::<RateRatio>(&two, &[0, 0], 1).unwrap();
    for (name, want) in [
        ("ratio", 8.401_853_429_780_243),
        ("low", 6.840_962_080_166_769),
        ("high", 10.318_890_856_034_265),
    ] {
        close(field(&answer, 0, name), want, 1e-8);
    }
}

#[test]
fn districts_of_farr_1849_by_water_company() {
    let Some(folder) = folder("snow_water_supplier") else {
        return;
    };
    let given = Sheet::read(&folder, "farr_1849_districts.csv");
    let expected = Sheet::read(&folder, "expected_farr_water.csv");
    let companies = expected.names("water");
    let groups: Vec<u32> = given
        .names("water")
        .iter()
        .map(|name| companies.iter().position(|other| other == name).unwrap() as u32)
        .collect();
    assert_eq!(groups.len(), 38);
    let (deaths, people) = (given.numbers("cholera_deaths"), given.numbers("popn"));
    let rows = Batch::new([
        column("events", deaths.clone()),
        column("exposure", people.clone()),
    ])
    .unwrap();
    let rates = aggregate_checked::<EventRate>(&rows, &groups, companies.len() as u32).unwrap();
    for (name, column) in [("rate", "rate"), ("low", "rate_lo"), ("high", "rate_hi")] {
        for (group, want) in expected.numbers(column).into_iter().enumerate() {
            close(field(&rates, group, name), want, 1e-9);
        }
    }
    let attributed = attributed(&given.names("water"), &deaths, &people);
    for ((name, ratio), p) in companies
        .iter()
        .zip(expected.numbers("rate_ratio_vs_rest"))
        .zip(expected.numbers("p_greater"))
    {
        let row = &attributed[name];
        close(row.rate_ratio, ratio, 1e-9);
        // Theirs is 0 where the smallest float ends.
        assert!(agree(row.p_value.unwrap(), p, 1e-8), "{row:?} is not {p}");
    }
}

/// A company's districts lie low or high together, and districts differ far more than chance: once they are
/// the units, the difference between companies is no longer put beyond doubt.
#[test]
fn districts_that_differ_by_themselves_widen_what_is_said_of_companies() {
    let Some(folder) = folder("snow_water_supplier") else {
        return;
    };
    let given = Sheet::read(&folder, "farr_1849_districts.csv");
    let cells = Batch::new([
        column("topic", vec!["cholera"; given.len()]),
        column("district", given.names("district")),
        column("water", given.names("water")),
        column("shipped", given.numbers("popn")),
        column("complaints", given.numbers("cholera_deaths")),
    ])
    .unwrap();
    let run = table::<AttributeTable>().input("cells", cells);
    let answer = run.run().unwrap();
    let at = (0..answer.rows())
        .find(|at| answer.column("value").unwrap().text(*at).as_deref() == Some("Battersea"))
        .unwrap();
    let number = |name: &str| answer.column(name).unwrap().number(at).unwrap();
    let plain = &attributed(
        &given.names("water"),
        &given.numbers("cholera_deaths"),
        &given.numbers("popn"),
    )["Battersea"];
    assert!(
        number("dispersion") > 20.0 && number("p_value") > 1e-60,
        "{}",
        answer.json(at)
    );
    assert!(plain.p_value.unwrap() < 1e-300, "{plain:?}");
    let reason = answer
        .column("reason")
        .unwrap()
        .text(at)
        .unwrap()
        .into_owned();
    assert!(
        reason.contains("widened because counts over district spread"),
        "{reason}"
    );
}

#[test]
fn sub_districts_of_snow_1856_that_both_companies_served() {
    let Some(folder) = folder("snow_water_supplier") else {
        return;
    };
    let given = Sheet::read(&folder, "table1856_subdistrict_houses_by_supplier.csv");
    let [x, e, rest_x, rest_e] = [
        "deathsSouthwark",
        "pop_southwark",
        "deathsLambeth",
        "pop_lambeth",
    ]
    .map(|name| given.numbers(name));
    let kept: Vec<usize> = (0..given.len())
        .filter(|at| !["", "na"].contains(&given.names("district")[*at].as_str()))
        .filter(|at| e[*at] > 0.0 && rest_e[*at] > 0.0)
        .collect();
    assert_eq!(kept.len(), 23);
    let part = |numbers: &[f64]| kept.iter().map(|at| numbers[*at]).collect::<Vec<_>>();
    let rows = Batch::new([
        column("events", part(&x)),
        column("exposure", part(&e)),
        column("rest_events", part(&rest_x)),
        column("rest_exposure", part(&rest_e)),
    ])
    .unwrap();
    let answer = aggregate_checked::<MantelHaenszel>(&rows, &[0; 23], 1).unwrap();
    close(field(&answer, 0, "ratio"), 7.005_205_415_518_075, 1e-12);
}

#[test]
fn complaints_of_da_vinci_per_recalled_unit() {
    let Some(folder) = folder("davinci_maude") else {
        return;
    };
    let rows = parquet(&folder, "device_events.parquet");
    let (parts, versions) = (texts(&rows, "part"), texts(&rows, "part_version"));
    let recalls = Sheet::read(&folder, "expected_recall_lookup.csv");
    let (part, version, units) = (
        recalls.names("part"),
        recalls.names("versions"),
        recalls.numbers("units"),
    );
    let (totals, per_1000) = (
        recalls.numbers("complaints_total"),
        recalls.numbers("complaints_per_1000_units"),
    );
    let mut seen = Vec::new();
    for at in (0..recalls.len()).filter(|at| units[*at] > 0.0) {
        let wanted: Vec<&str> = version[at]
            .split('|')
            .filter(|text| !text.is_empty())
            .collect();
        // One row a complaint without exposure, and one row with the units.
        let complaints = parts.iter().zip(&versions).filter(|(of, version)| {
            of.as_deref() == Some(part[at].as_str())
                && (wanted.is_empty()
                    || version
                        .as_deref()
                        .is_some_and(|version| wanted.contains(&version)))
        });
        let complaints = complaints.count();
        assert_eq!(complaints as f64, totals[at]);
        let rows = Batch::new([
            column(
                "events",
                (0..=complaints).map(|row| f64::from(u8::from(row < complaints))),
            ),
            column(
                "exposure",
                (0..=complaints).map(|row| (row == complaints).then_some(units[at])),
            ),
        ])
        .unwrap();
        let answer = aggregate_checked::<EventRate>(&rows, &vec![0; complaints + 1], 1).unwrap();
        close(field(&answer, 0, "rate"), per_1000[at] / 1e3, 1e-9);
        assert!(field(&answer, 0, "low") < field(&answer, 0, "rate"));
        seen.push((part[at].clone(), (per_1000[at] * 10.0).round() / 10.0));
    }
    for wanted in [("420343", 77.6), ("420230", 6.6), ("420179", 2.4)] {
        assert!(seen.contains(&(wanted.0.to_owned(), wanted.1)), "{seen:?}");
    }
}

#[test]
fn rejected_units_of_each_vendor() {
    let Some(folder) = folder("adventureworks_purchasing") else {
        return;
    };
    let header = parquet(&folder, "PurchaseOrderHeader.parquet");
    let vendors: BTreeMap<String, String> = texts(&header, "PurchaseOrderID")
        .into_iter()
        .flatten()
        .zip(texts(&header, "VendorID").into_iter().flatten())
        .collect();
    let lines = parquet(&folder, "PurchaseOrderDetail.parquet");
    let expected = Sheet::read(&folder, "expected_vendor_rejections.csv");
    let ids = expected.names("VendorID");
    let groups: Vec<u32> = texts(&lines, "PurchaseOrderID")
        .into_iter()
        .map(|order| {
            ids.iter()
                .position(|id| *id == vendors[order.as_ref().unwrap()])
                .unwrap() as u32
        })
        .collect();
    let (received, rejected) = (
        numbers(&lines, "ReceivedQty"),
        numbers(&lines, "RejectedQty"),
    );
    let rows = Batch::new([column("hits", rejected.clone()), column("n", received)]).unwrap();
    let shares = aggregate_checked::<Proportion>(&rows, &groups, ids.len() as u32).unwrap();
    for (group, want) in expected
        .numbers("reject_rate_units")
        .into_iter()
        .enumerate()
    {
        close(field(&shares, group, "share"), want, 1e-9);
    }
    let rows = Batch::new([
        column(
            "events",
            rejected
                .iter()
                .map(|amount| f64::from(u8::from(*amount > Some(0.0)))),
        ),
        column("exposure", vec![1.0; groups.len()]),
    ])
    .unwrap();
    let rates = aggregate_checked::<EventRate>(&rows, &groups, ids.len() as u32).unwrap();
    for (group, want) in expected.numbers("lines_rejected").into_iter().enumerate() {
        assert_eq!(field(&rates, group, "events"), Some(want));
    }
}
