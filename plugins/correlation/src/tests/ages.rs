//! `attribute` at equal time at risk: what has been out for longer had more time to fail.

use crate::AttributeTable;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Clone, Debug, PartialEq, Row)]
struct Found {
    value: String,
    complaints: i64,
    shipped: f64,
    expected: Option<f64>,
    plain_ratio: Option<f64>,
    rate_ratio: Option<f64>,
    verdict: String,
    reason: String,
}

/// Lots of 400 units with the months they have been out, and complaints a month.
type Lot = (&'static str, u32, f64);

/// A complaint a month in each old lot; nothing is wrong with them. The young one has eight in its only month.
const LOTS: [Lot; 7] = [
    ("old 1", 20, 1.0),
    ("old 2", 20, 1.0),
    ("middle 1", 4, 1.0),
    ("middle 2", 4, 1.0),
    ("middle 3", 3, 1.0),
    ("new 1", 2, 1.0),
    ("young", 1, 8.0),
];

fn call(ages: Option<Batch>) -> TableRun<AttributeTable> {
    let cells = Batch::new([
        column("topic", LOTS.iter().map(|_| "crack")),
        column("lot", LOTS.iter().map(|lot| lot.0)),
        column("shipped", LOTS.iter().map(|_| 400.0)),
        column(
            "complaints",
            LOTS.iter().map(|lot| f64::from(lot.1) * lot.2),
        ),
    ]);
    let call = table::<AttributeTable>().input("cells", cells.unwrap());
    match ages {
        Some(ages) => call.input("ages", ages),
        None => call,
    }
}

fn ages() -> Batch {
    let rows = || {
        LOTS.iter()
            .flat_map(|lot| (0..lot.1).flat_map(move |age| [(lot, age, true), (lot, age, false)]))
    };
    Batch::new([
        column("lot", rows().map(|row| row.0.0)),
        column("topic", rows().map(|row| (!row.2).then_some("crack"))),
        column("age", rows().map(|row| format!("{:02}", row.1))),
        column("at_risk", rows().map(|row| if row.2 { 400.0 } else { 0.0 })),
        column(
            "complaints",
            rows().map(|row| if row.2 { 0.0 } else { row.0.2 }),
        ),
    ])
    .unwrap()
}

fn read(call: &TableRun<AttributeTable>) -> Vec<Found> {
    let answer = call.run_cut(3).unwrap();
    answer
        .read::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn a_young_bad_lot_and_an_old_good_one_change_places() {
    let place = |rows: &[Found], lot: &str| rows.iter().position(|row| row.value == lot).unwrap();
    let plain = read(&call(None));
    assert!(place(&plain, "old 1") < place(&plain, "young"), "{plain:?}");
    let aged = read(&call(Some(ages())));
    assert_eq!(place(&aged, "young"), 0, "{aged:?}");
    assert_eq!(aged[0].verdict, "leading suspect", "{}", aged[0].reason);
    assert!(
        aged[0].reason.contains("the rate of units out for as long"),
        "{}",
        aged[0].reason
    );
    let old = &aged[place(&aged, "old 1")];
    assert_eq!(old.verdict, "no evidence", "{}", old.reason);
    // What is plain stays so beside it.
    let of = |rows: &[Found], lot: &str| rows[place(rows, lot)].clone();
    for lot in ["old 1", "young"] {
        let (plain, aged) = (of(&plain, lot), of(&aged, lot));
        assert_eq!(
            (plain.complaints, plain.shipped),
            (aged.complaints, aged.shipped)
        );
        assert_eq!(plain.rate_ratio, aged.plain_ratio);
    }
    // Twenty complaints in twenty months are what such a lot lets expect.
    assert!((old.expected.unwrap() - 20.0).abs() < 6.0, "{old:?}");
    assert!(of(&aged, "young").expected.unwrap() < 2.0, "{aged:?}");
}

#[test]
fn ages_that_make_no_sense_are_refused() {
    let refused = |topic: Option<&'static str>, at_risk: f64, complaints: f64| {
        let ages = Batch::new([
            column("lot", ["young"]),
            column("topic", [topic]),
            column("age", ["00"]),
            column("at_risk", [at_risk]),
            column("complaints", [complaints]),
        ]);
        call(Some(ages.unwrap()))
            .run_cut(9)
            .unwrap_err()
            .to_string()
    };
    for (error, says) in [
        (refused(None, 1.0, 2.0), "no topic"),
        (refused(None, -1.0, 0.0), "at_risk is -1"),
        (refused(Some("crack"), 5.0, 0.0), "would count twice"),
        (refused(Some("crack"), 0.0, 0.5), "whole counts"),
    ] {
        assert!(error.contains(says), "{error}");
    }
    // Lots of which no age is known count as the mean does, and nothing else changes.
    let none = Batch::new([
        column("lot", ["elsewhere"]),
        column("topic", [None::<&str>]),
        column("age", ["00"]),
        column("at_risk", [4.0]),
        column("complaints", [0.0]),
    ]);
    let aged = read(&call(Some(none.unwrap())));
    let ratios = |rows: &[Found]| rows.iter().map(|row| row.rate_ratio).collect::<Vec<_>>();
    assert_eq!(ratios(&aged), ratios(&read(&call(None))));
}
