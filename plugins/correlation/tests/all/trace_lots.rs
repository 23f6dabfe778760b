//! `trace` through lots: split, mixed and reworked lots, returns, cycles, time order, and rows that
//! cannot be used.

use tsugi_correlation::TraceTable;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Record, column};

#[derive(Debug, Record)]
struct Found {
    rank: i64,
    kind: String,
    name: String,
    sender: Option<String>,
    score: Option<f64>,
    score_negative: Option<f64>,
    exposed: Option<f64>,
    doubts: i64,
}

#[derive(Debug, Record)]
struct Step {
    path: i64,
    origin: String,
    destination: String,
    delivery: String,
    because: String,
    sent: Option<String>,
}

#[derive(Debug, Record)]
struct Doubt {
    kind: String,
    delivery: Option<String>,
    next: Option<String>,
    lot: Option<String>,
    reason: String,
}

/// Deliveries: name, sender, recipient, lot, day in 2026, weight.
type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, f64);

fn deliveries(rows: &[Row<'_>]) -> Batch {
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
fn lots(rows: &[(&str, &str, &str)]) -> Batch {
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

fn call(rows: &[Row<'_>], links: &[(&str, &str, &str)]) -> TableRun<TraceTable> {
    table::<TraceTable>()
        .input("deliveries", deliveries(rows))
        .input("links", lots(links))
}

fn scores(run: &TableRun<TraceTable>) -> Vec<Found> {
    let answer = run.run().unwrap();
    answer
        .records::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn score(found: &[Found], kind: &str, name: &str) -> Option<f64> {
    let row = found
        .iter()
        .find(|row| row.kind == kind && row.name == name);
    row.unwrap_or_else(|| panic!("no {kind} {name}")).score
}

fn doubts(run: TableRun<TraceTable>) -> Vec<Doubt> {
    let answer = run.option("report", "doubts").run().unwrap();
    answer
        .records::<Doubt>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Two suppliers deliver soles to a plant; their lots go into shoe lots, one of both.
const SHOES: &[Row<'_>] = &[
    ("R1", "Sole One", "Plant", "S-1", "01-10", 0.0),
    ("R2", "Sole Two", "Plant", "S-2", "01-12", 0.0),
    ("D1", "Plant", "Anna", "F-1", "02-01", 1.0),
    ("D2", "Plant", "Ben", "F-1", "02-02", 0.0),
    ("D3", "Plant", "Carl", "F-2", "02-03", 1.0),
    ("D4", "Plant", "Dora", "F-3", "02-04", 1.0),
    ("D5", "Plant", "Emma", "F-4", "02-05", 0.0),
];
/// F-1 is made of S-1, F-2 of both (mixed), F-3 of S-2 by way of a half-made lot, F-4 of S-2.
const MADE: &[(&str, &str, &str)] = &[
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
fn forward_from_a_suspect_lot_everyone_concerned_is_found_and_nobody_else() {
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
    let steps: Vec<Step> = answer
        .records::<Step>()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let told: Vec<[&str; 5]> = steps
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
        told,
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
    let steps: Vec<Step> = answer
        .records::<Step>()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let told: Vec<(i64, &str, &str, &str)> = steps
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
        told,
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
    let rows: &[Row<'_>] = &[
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
    let late: &[Row<'_>] = &[
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
fn a_lot_that_left_before_its_receipt_is_said_and_not_traced() {
    let rows: &[Row<'_>] = &[
        ("R1", "Supplier", "Plant", "S", "03-10", 0.0),
        ("D1", "Plant", "Anna", "S", "03-01", 1.0),
        ("D2", "Plant", "Ben", "F", "03-05", 1.0),
        ("D3", "Plant", "Carl", "G", "04-01", 0.0),
    ];
    let links = &[("S", "F", "03-04"), ("S", "G", "03-20"), ("S", "H", "")];
    let found = scores(&call(rows, links));
    let supplier = found.iter().find(|row| row.name == "Supplier").unwrap();
    assert_eq!((supplier.score, supplier.exposed), (Some(0.0), Some(0.0)));
    assert_eq!(found.iter().find(|row| row.name == "D1").unwrap().doubts, 1);
    let said = doubts(call(rows, links));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().any(|row| row.kind == "left before receipt"
        && row.delivery.as_deref() == Some("D1")
        && row.lot.as_deref() == Some("S")
        && row.reason.contains("traced no further back")));
    assert!(said.iter().any(
        |row| row.kind == "used before receipt" && row.reason.contains("lot S went into lot F")
    ));
    // Out of time order the same rows are taken as they are.
    let free = scores(&call(rows, links).option("ordered", false));
    assert_eq!(score(&free, "station", "Supplier"), Some(1.0));
    assert!(doubts(call(rows, links).option("ordered", false)).is_empty());
    // A second receipt in time clears the first lot of its contradiction.
    let mut twice = rows.to_vec();
    twice.push(("R0", "Supplier", "Plant", "S", "02-01", 0.0));
    let found = scores(&call(&twice, links));
    assert_eq!(
        (
            score(&found, "delivery", "R0"),
            score(&found, "delivery", "R1")
        ),
        (Some(1.0), Some(0.0))
    );
}

#[test]
fn recorded_links_that_contradict_their_dates_are_left_out() {
    let rows: &[Row<'_>] = &[
        ("R", "A", "B", "", "05-10", 0.0),
        ("D", "B", "C", "", "05-01", 1.0),
        ("U", "B", "C", "", "", 1.0),
    ];
    let links = Batch::new([
        column("delivery", ["R", "R", "R", "ghost"]),
        column("next", ["D", "U", "phantom", "D"]),
    ])
    .unwrap();
    let run = || {
        table::<TraceTable>()
            .input("deliveries", deliveries(rows))
            .input("links", links.clone())
    };
    // What has no date may always have followed.
    assert_eq!(score(&scores(&run()), "station", "A"), Some(0.5));
    let said = doubts(run());
    let kinds: Vec<(&str, Option<&str>, Option<&str>)> = said
        .iter()
        .map(|row| {
            (
                row.kind.as_str(),
                row.delivery.as_deref(),
                row.next.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        kinds,
        [
            ("unknown delivery", Some("R"), Some("phantom")),
            ("unknown delivery", Some("ghost"), Some("D")),
            ("left before receipt", Some("R"), Some("D")),
        ]
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

#[test]
fn rows_that_cannot_be_used_are_refused_with_their_place() {
    let code = |rows: Batch| {
        table::<TraceTable>()
            .input("deliveries", rows)
            .run_cut(1)
            .unwrap_err()
    };
    let of =
        |delivery: [&str; 2], sent: [Option<&str>; 2], quantity: [f64; 2], weight: [f64; 2]| {
            Batch::new([
                column("delivery", delivery),
                column("sender", ["a", "a"]),
                column("recipient", ["b", "b"]),
                column("sent", sent),
                column("quantity", quantity),
                column("weight", weight),
            ])
            .unwrap()
        };
    let fine = [Some("2026-01-01"), None];
    for (rows, name, words) in [
        (
            of(["x", "x"], fine, [1.0, 1.0], [0.0, 0.0]),
            "twice",
            "row 2: delivery `x`",
        ),
        (
            of(["x", "y"], fine, [1.0, -1.0], [0.0, 0.0]),
            "bad-number",
            "row 2 (delivery y): quantity is -1",
        ),
        (
            of(["x", "y"], fine, [1.0, 1.0], [0.0, f64::NAN]),
            "bad-number",
            "row 2 (delivery y): weight",
        ),
        (
            of(["x", "y"], [None, Some("01/02/26")], [1.0, 1.0], [0.0, 0.0]),
            "bad-date",
            "row 2 (delivery y): sent is `01/02/26`",
        ),
    ] {
        let error = code(rows);
        assert_eq!(error.code, name);
        assert!(error.message.contains(words), "{error}");
    }
    let nobody = Batch::new([
        column("delivery", ["x"]),
        column("sender", [None::<&str>]),
        column("recipient", ["b"]),
    ])
    .unwrap();
    assert_eq!(code(nobody).code, "null-unit");
    let call = |option: &str, value: &str| {
        call(SHOES, MADE)
            .option(option, value)
            .returns()
            .unwrap_err()
    };
    assert_eq!(call("report", "score").code, "bad-option");
    assert_eq!(call("direction", "up").code, "bad-option");
    let unlotted = Batch::new([
        column("delivery", ["x"]),
        column("sender", ["a"]),
        column("recipient", ["b"]),
    ])
    .unwrap();
    let run = table::<TraceTable>()
        .input("deliveries", unlotted)
        .input("links", lots(MADE));
    assert_eq!(run.returns().unwrap_err().code, "missing-column");
}
