//! The outbox: what is written, what is refused, and that a batch may come twice.

#![allow(clippy::unwrap_used)]

mod common;

use common::case;
use tsugi_outreach::cell::{Cell, Sheet};
use tsugi_outreach::message::COLUMNS;
use tsugi_outreach::outbox::Outbox;

fn composed(people: usize) -> Sheet {
    let messages = case("service_notice").crowd(people).run();
    Sheet {
        columns: COLUMNS.iter().map(|column| column.0.to_string()).collect(),
        rows: messages.iter().map(common::Message::cells).collect(),
    }
}

fn set(sheet: &mut Sheet, row: usize, name: &str, cell: Cell) {
    let place = sheet
        .columns
        .iter()
        .position(|column| column == name)
        .unwrap();
    sheet.rows[row][place] = cell;
}

fn open(sheet: &Sheet) -> Outbox {
    Outbox::open("run-7", &[], &sheet.columns).unwrap()
}

#[test]
fn one_object_a_batch_one_line_a_message() {
    let sheet = composed(3);
    let mut outbox = open(&sheet);
    let object = outbox.object(4, &sheet);
    assert_eq!(
        (object.name.as_str(), object.accepted),
        ("run-7/000004.jsonl", 3)
    );
    let text = String::from_utf8(object.bytes.clone()).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["customer_id"], "C-1");
    assert_eq!(lines[0]["recipients"], 3);
    assert_eq!(lines[0]["refusal_link"], "https://morihane.example/stop");
    assert!(
        lines[0]["body"]
            .as_str()
            .unwrap()
            .starts_with("Dear Aiko Mori,\n\nYour")
    );
    assert_eq!(lines[0].as_object().unwrap().len(), COLUMNS.len());
    assert_eq!(
        outbox.summary(&object, false),
        "3 messages in run-7/000004.jsonl"
    );
    assert_eq!(
        outbox.summary(&object, true),
        "dry run: 3 messages would go to run-7/000004.jsonl"
    );
}

#[test]
fn the_same_batch_again_is_the_same_and_the_same_message_again_is_refused() {
    let sheet = composed(2);
    let mut outbox = open(&sheet);
    let first = outbox.object(0, &sheet);
    assert_eq!(outbox.object(0, &sheet), first);
    let second = outbox.object(1, &sheet);
    assert_eq!(second.accepted, 0);
    assert!(second.bytes.is_empty());
    assert!(second.refused.iter().all(|row| row.code == "duplicate-key"));
}

#[test]
fn rows_that_cannot_go_get_a_receipt_with_a_code() {
    let mut sheet = composed(8);
    set(&mut sheet, 0, "address", Cell::Null);
    set(&mut sheet, 1, "body", Cell::from("  "));
    set(&mut sheet, 2, "customer_id", Cell::Null);
    set(&mut sheet, 3, "body", Cell::from("Something else"));
    set(&mut sheet, 4, "decision", Cell::from("suppress"));
    set(&mut sheet, 5, "customer_id", Cell::from("C-7"));
    let object = open(&sheet).object(0, &sheet);
    let codes: Vec<(u32, &str)> = object
        .refused
        .iter()
        .map(|row| (row.row, row.code))
        .collect();
    assert_eq!(
        codes,
        [
            (0, "no-address"),
            (1, "no-body"),
            (2, "no-key"),
            (3, "content-changed"),
            (4, "not-due"),
            (6, "duplicate-key")
        ]
    );
    assert_eq!(object.accepted, 2);
}

#[test]
fn wrong_deliveries_are_refused_at_open() {
    let columns = |names: &[&str]| {
        names
            .iter()
            .map(|name| name.to_string())
            .collect::<Vec<_>>()
    };
    let fault = Outbox::open(
        "r",
        &[],
        &columns(&["incident", "customer_id", "template_id", "body"]),
    )
    .unwrap_err();
    assert_eq!(
        fault.message,
        "the delivery has no column address, template_version"
    );
    for run in ["", "..", "../x", "a/b", "a b"] {
        assert_eq!(
            Outbox::open(run, &[], &columns(&["address", "body"]))
                .unwrap_err()
                .code,
            "bad-run-id",
            "{run}"
        );
    }
    assert!(Outbox::open("r", &columns(&["id"]), &columns(&["id", "address", "body"])).is_ok());
}
