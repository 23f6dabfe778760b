//! `trace` where the rows contradict each other or cannot be used.

use super::trace_lots::{MADE, Moved, SHOES, call, deliveries, lots, score, scores};
use crate::TraceTable;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
struct Doubt {
    kind: String,
    delivery: Option<String>,
    next: Option<String>,
    lot: Option<String>,
    reason: String,
}

fn doubts(run: TableRun<TraceTable>) -> Vec<Doubt> {
    let answer = run.option("report", "doubts").run().unwrap();
    answer
        .read::<Doubt>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn a_lot_that_left_before_its_receipt_is_said_and_not_traced() {
    let rows: &[Moved<'_>] = &[
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
    let rows: &[Moved<'_>] = &[
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
