//! A small business of tsugi-sample as the input of `attribute`: what was known of it on a day.

use crate::AttributeTable;
use std::collections::BTreeMap;
use tsugi_plugin::testing::table;
use tsugi_plugin::{Batch, Row, column};
use tsugi_sample::worlds::{Lot, PARTS, Small, TOPICS};

#[derive(Clone, Debug, Row)]
pub(super) struct Verdict {
    pub topic: String,
    pub factor: String,
    pub value: String,
    pub verdict: String,
    pub part_of: Option<String>,
    pub rivals: Option<String>,
    pub series: Option<String>,
    pub first_step: Option<String>,
    pub last_step: Option<String>,
}

/// The answer on one day: a unit counts from its sale on, a complaint from its day on.
pub(super) fn ask(world: &Small, day: u32) -> Vec<Verdict> {
    let mut cells: BTreeMap<(Option<usize>, usize, usize), (f64, f64)> = BTreeMap::new();
    for unit in world.units.iter().filter(|unit| unit.sold <= day) {
        cells.entry((None, unit.lot, unit.region)).or_default().0 += 1.0;
        for (topic, _) in unit.complaints.iter().filter(|one| one.1 <= day) {
            cells
                .entry((Some(*topic), unit.lot, unit.region))
                .or_default()
                .1 += 1.0;
        }
    }
    let lot = |at: &usize| world.lots[*at].name.clone();
    let cells = Batch::new([
        column(
            "topic",
            cells.keys().map(|key| key.0.map(|topic| TOPICS[topic].0)),
        ),
        column("finished_lot", cells.keys().map(|key| lot(&key.1))),
        column("region", cells.keys().map(|key| format!("R{:02}", key.2))),
        column("shipped", cells.values().map(|cell| cell.0)),
        column("complaints", cells.values().map(|cell| cell.1)),
    ]);
    let answer = table::<AttributeTable>()
        .input("cells", cells.unwrap())
        .input("factors", factors(world))
        .input("nested", nested())
        .input("series", series(world))
        .input("ages", ages(world, day))
        .option("min_ratio", 1.5)
        .run_cut(10_000)
        .unwrap();
    answer
        .read::<Verdict>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Units that were out at an age, in steps of 30 days, and complaints at that age.
fn ages(world: &Small, day: u32) -> Batch {
    const STEP: u32 = 30;
    let mut ages: BTreeMap<(usize, Option<usize>, u32), f64> = BTreeMap::new();
    for unit in world.units.iter().filter(|unit| unit.sold <= day) {
        let out = day - unit.sold;
        for age in 0..=out / STEP {
            let share = f64::from((out - age * STEP).min(STEP)) / f64::from(STEP);
            *ages.entry((unit.lot, None, age)).or_default() += share;
        }
        for (topic, on) in unit.complaints.iter().filter(|one| one.1 <= day) {
            let age = (on - unit.sold) / STEP;
            *ages.entry((unit.lot, Some(*topic), age)).or_default() += 1.0;
        }
    }
    let known = |with_topic: bool| {
        ages.iter().map(move |(key, count)| {
            if key.1.is_some() == with_topic {
                *count
            } else {
                0.0
            }
        })
    };
    let columns = [
        column(
            "finished_lot",
            ages.keys().map(|key| world.lots[key.0].name.clone()),
        ),
        column(
            "topic",
            ages.keys().map(|key| key.1.map(|topic| TOPICS[topic].0)),
        ),
        column("age", ages.keys().map(|key| key.2.to_string())),
        column("at_risk", known(false)),
        column("complaints", known(true)),
    ];
    Batch::new(columns).unwrap()
}

fn rows(columns: [&'static str; 3], rows: &[(String, String, String)]) -> Batch {
    Batch::new([
        column(columns[0], rows.iter().map(|row| row.0.clone())),
        column(columns[1], rows.iter().map(|row| row.1.clone())),
        column(columns[2], rows.iter().map(|row| row.2.clone())),
    ])
    .unwrap()
}

fn factors(world: &Small) -> Batch {
    let mut known = Vec::new();
    for lot in &world.lots {
        let mut add = |factor: String, value: String| known.push((lot.name.clone(), factor, value));
        for (part, (kind, _)) in PARTS.iter().enumerate() {
            let supplier = lot.series(part).split(' ').next().unwrap();
            add(format!("{kind}_supplier"), supplier.to_owned());
        }
        // Records are offered as a pipeline would that goes by them: what was made since each.
        for (part, (kind, _)) in PARTS.iter().enumerate() {
            if let Some(day) = recorded(world, lot, part) {
                add(
                    format!("{kind}_change"),
                    format!("{} from {day:03}", lot.series(part)),
                );
            }
        }
        add("product".to_owned(), format!("P{}", lot.product));
        add("plant".to_owned(), format!("plant {}", lot.plant));
    }
    rows(["finished_lot", "factor", "value"], &known)
}

/// The day of the last record before the delivery that a lot's part is from.
pub(super) fn recorded(world: &Small, lot: &Lot, part: usize) -> Option<u32> {
    let own = world.records.iter();
    let own = own.filter(|record| (record.0, record.1) == (part, lot.series(part)));
    own.map(|record| record.2)
        .filter(|day| *day <= lot.parts[part].0)
        .max()
}

fn nested() -> Batch {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (kind, _) in PARTS {
        pairs.push((format!("{kind}_period"), "finished_lot".to_owned()));
        pairs.push((format!("{kind}_change"), "finished_lot".to_owned()));
        pairs.push((format!("{kind}_supplier"), format!("{kind}_period")));
    }
    pairs.push(("plant_period".to_owned(), "finished_lot".to_owned()));
    pairs.push(("plant".to_owned(), "plant_period".to_owned()));
    Batch::new([
        column("factor", pairs.iter().map(|pair| pair.0.clone())),
        column("made_into", pairs.iter().map(|pair| pair.1.clone())),
        column("position", (0..pairs.len()).map(|at| at as f64)),
    ])
    .unwrap()
}

fn series(world: &Small) -> Batch {
    let mut steps: Vec<[String; 4]> = Vec::new();
    let step = |day: u32| format!("{day:03}");
    for lot in &world.lots {
        for (part, (kind, _)) in PARTS.iter().enumerate() {
            let (name, series) = (lot.name.clone(), lot.series(part).to_owned());
            steps.push([
                name,
                format!("{kind}_period"),
                series,
                step(lot.parts[part].0),
            ]);
        }
        let plant = format!("plant {}", lot.plant);
        steps.push([
            lot.name.clone(),
            "plant_period".to_owned(),
            plant,
            step(lot.made),
        ]);
    }
    let cells = |at: usize| steps.iter().map(move |row| row[at].clone());
    Batch::new([
        column("finished_lot", cells(0)),
        column("factor", cells(1)),
        column("series", cells(2)),
        column("step", cells(3)),
    ])
    .unwrap()
}
