//! `trace` through lots: split, mixed and reworked lots, returns, cycles and weights.

use crate::TraceTable;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
pub(super) struct Found {
    pub rank: i64,
    pub kind: String,
    pub name: String,
    pub score: Option<f64>,
    pub score_negative: Option<f64>,
    pub exposed: Option<f64>,
    pub doubts: i64,
}

#[derive(Debug, Row)]
struct Step {
    path: i64,
    origin: String,
    destination: String,
    delivery: String,
    because: String,
    sent: Option<String>,
}

/// Deliveries: name, sender, recipient, lot, day in 2026, weight.
pub(super) type Moved<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, f64);

pub(super) fn deliveries(rows: &[Moved<'_>]) -> Batch {
    Batch::new([
        column("delivery", rows.iter().map(|row| row.0)),
        column("sender", rows.iter().map(|row| row.1)),
        column("recipient", rows.iter().map(|row| row.2)),
        column(
            "lot",
            rows.iter().map(|row| (!row.3.is_empty()).then_some(row.3)),
        ),
        column(
            "sent",
            rows.iter()
                .map(|row| (!row.4.is_empty()).then(|| format!("2026-{}", row.4))),
        ),
        column("weight", rows.iter().map(|row| row.5)),
    ])
    .unwrap()
}

/// Lot links: component, product, day of use.
pub(super) fn lots(rows: &[(&str, &str, &str)]) -> Batch {
    Batch::new([
        column("lot", rows.iter().map(|row| row.0)),
        column("into_lot", rows.iter().map(|row| row.1)),
        column(
            "at",
            rows.iter()
                .map(|row| (!row.2.is_empty()).then(|| format!("2026-{}", row.2))),
        ),
    ])
    .unwrap()
}

pub(super) fn call(rows: &[Moved<'_>], links: &[(&str, &str, &str)]) -> TableRun<TraceTable> {
    table::<TraceTable>()
        .input("deliveries", deliveries(rows))
        .input("links", lots(links))
}

pub(super) fn scores(run: &TableRun<TraceTable>) -> Vec<Found> {
    let answer = run.run().unwrap();
    answer
        .read::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

pub(super) fn score(found: &[Found], kind: &str, name: &str) -> Option<f64> {
    let row = found
        .iter()
        .find(|row| row.kind == kind && row.name == name);
    row.unwrap_or_else(|| panic!("no {kind} {name}")).score
}

/// Two suppliers deliver soles to a plant; their lots go into shoe lots, one of both.
pub(super) const SHOES: &[Moved<'_>] = &[
    ("R1", "Sole One", "Plant", "S-1", "01-10", 0.0),
    ("R2", "Sole Two", "Plant", "S-2", "01-12", 0.0),
    ("D1", "Plant", "Anna", "F-1", "02-01", 1.0),
    ("D2", "Plant", "Ben", "F-1", "02-02", 0.0),
    ("D3", "Plant", "Carl", "F-2", "02-03", 1.0),
    ("D4", "Plant", "Dora", "F-3", "02-04", 1.0),
    ("D5", "Plant", "Emma", "F-4", "02-05", 0.0),
];
/// F-1 is made of S-1, F-2 of both (mixed), F-3 of S-2 by way of a half-made lot, F-4 of S-2.
pub(super) const MADE: &[(&str, &str, &str)] = &[
    ("S-1", "F-1", ""),
    ("S-1", "F-2", ""),
    ("S-2", "F-2", ""),
    ("S-2", "H-9", ""),
    ("H-9", "F-3", ""),
    ("S-2", "F-4", ""),
];

#[test]
fn split_and_mixed_lots_lead_back_to_their_suppliers() {
    let found = scores(&call(SHOES, MADE));
    for (kind, name, of_three) in [
        ("station", "Sole One", 2.0),
        ("station", "Sole Two", 2.0),
        ("station", "Plant", 3.0),
        ("station", "Anna", 0.0),
        ("lot", "S-1", 2.0),
        ("lot", "S-2", 2.0),
        ("lot", "F-1", 1.0),
        ("lot", "F-4", 0.0),
        ("delivery", "R1", 2.0),
        ("delivery", "D3", 1.0),
    ] {
        let got = score(&found, kind, name).unwrap();
        assert!((got - of_three / 3.0).abs() < 1e-12, "{kind} {name}: {got}");
    }
    assert_eq!(
        found.iter().map(|row| row.rank).collect::<Vec<_>>(),
        (1..=found.len() as i64).collect::<Vec<_>>()
    );
}

#[test]
fn forward_from_a_suspect_lot_all_recipients_are_found_and_no_others() {
    let mut rows = SHOES.to_vec();
    for row in &mut rows {
        row.5 = f64::from(u8::from(row.3 == "S-2"));
    }
    let run = call(&rows, MADE);
    let exposed: Vec<String> = scores(&run)
        .into_iter()
        .filter(|row| row.kind == "station" && row.exposed > Some(0.0))
        .map(|row| row.name)
        .collect();
    assert_eq!(exposed, ["Carl", "Dora", "Emma", "Plant"]);
    let answer = run
        .option("report", "paths")
        .option("direction", "forward")
        .option("at", "Dora")
        .run()
        .unwrap();
    let steps: Vec<Step> = answer.read::<Step>().unwrap().map(Result::unwrap).collect();
    let found: Vec<[&str; 5]> = steps
        .iter()
        .map(|row| {
            let sent = row.sent.as_deref().unwrap();
            [
                &row.origin,
                &row.destination,
                &row.delivery,
                &row.because,
                sent,
            ]
        })
        .collect();
    assert_eq!(
        found,
        [
            ["R2", "Dora", "R2", "the path begins here", "2026-01-12"],
            [
                "R2",
                "Dora",
                "D4",
                "lot S-2 went into lot H-9 went into lot F-3",
                "2026-02-04"
            ],
        ]
    );
    assert!(steps.iter().all(|row| row.path == 1));
}

#[test]
fn backward_the_lot_is_proven_by_a_path() {
    let answer = call(SHOES, MADE)
        .option("report", "paths")
        .option("at", "S-1")
        .run()
        .unwrap();
    let steps: Vec<Step> = answer.read::<Step>().unwrap().map(Result::unwrap).collect();
    let found: Vec<(i64, &str, &str, &str)> = steps
        .iter()
        .map(|row| {
            (
                row.path,
                row.origin.as_str(),
                row.destination.as_str(),
                row.delivery.as_str(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (1, "S-1", "D1", "R1"),
            (1, "S-1", "D1", "D1"),
            (2, "S-1", "D3", "R1"),
            (2, "S-1", "D3", "D3")
        ]
    );
}

#[test]
fn cycles_end_and_returns_are_followed() {
    // Goods go round: a lot is sent back, reworked into itself and sent again.
    let rows: &[Moved<'_>] = &[
        ("A", "Mill", "Plant", "L", "01-01", 0.0),
        ("B", "Plant", "Shop", "L", "01-05", 0.0),
        ("C", "Shop", "Plant", "L", "01-09", 0.0),
        ("D", "Plant", "Buyer", "M", "01-20", 1.0),
        ("E", "Plant", "Plant", "M", "01-12", 0.0),
    ];
    let links = &[("L", "M", ""), ("M", "L", ""), ("L", "L", "")];
    for ordered in [true, false] {
        let found = scores(&call(rows, links).option("ordered", ordered));
        for name in ["Mill", "Plant", "Shop"] {
            assert_eq!(
                score(&found, "station", name),
                Some(1.0),
                "{name} {ordered}"
            );
        }
    }
    // Out of time order even the last delivery might have come from itself; in time order not.
    let late: &[Moved<'_>] = &[
        ("A", "X", "Y", "L", "01-05", 1.0),
        ("B", "Y", "X", "L", "01-02", 0.0),
    ];
    let ordered = scores(&call(late, &[]));
    assert_eq!(
        (
            score(&ordered, "station", "Y"),
            score(&ordered, "delivery", "B")
        ),
        (Some(1.0), Some(1.0))
    );
    assert_eq!(
        ordered.iter().find(|row| row.name == "B").unwrap().exposed,
        Some(0.0)
    );
    let free = scores(&call(late, &[]).option("ordered", false));
    assert_eq!(
        free.iter().find(|row| row.name == "B").unwrap().exposed,
        Some(1.0)
    );
}

#[test]
fn weights_below_0_speak_against_and_without_weights_nothing_is_said() {
    let mut rows = SHOES.to_vec();
    rows[3].5 = -2.0;
    let found = scores(&call(&rows, MADE));
    let sole_one = found.iter().find(|row| row.name == "Sole One").unwrap();
    // Two incidents for, two against, of the larger sum of 3.
    assert_eq!(
        (sole_one.score, sole_one.score_negative),
        (Some(0.0), Some(1.0))
    );
    for row in &mut rows {
        row.5 = 0.0;
    }
    let none = scores(&call(&rows, MADE));
    assert!(
        none.iter()
            .all(|row| row.score.is_none() && row.exposed.is_none())
    );
    let only = scores(&call(&[("D", "A", "B", "L", "01-01", 1.0)], &[]));
    assert_eq!(
        (score(&only, "station", "A"), score(&only, "station", "B")),
        (Some(1.0), Some(0.0))
    );
    assert!(scores(&call(&[], &[])).is_empty());
}
