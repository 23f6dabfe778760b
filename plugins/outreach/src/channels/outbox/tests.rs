//! What an outbox writes, what it refuses, and that a batch may be repeated.

use serde_json::Value;
use tsugi_plugin::column;

use super::*;

const BODY: &str = "Dear A,\n\nYour";

const COLUMNS: [&str; 8] = [
    "incident",
    "customer_id",
    "template_id",
    "template_version",
    "address",
    "body",
    "decision",
    "content_hash",
];

type Cells = [Option<String>; 8];

/// Approved messages to `C-1` and on.
fn messages(count: usize) -> Vec<Cells> {
    let row = |number: usize| {
        let id = format!("C-{number}");
        let cells = ["I-1", &id, "notice", "1", "a@b.example", BODY, "send"];
        let mut row: Cells = Default::default();
        for (cell, text) in row.iter_mut().zip(cells) {
            *cell = Some(text.to_string());
        }
        let hash = batch(&[row.clone()])
            .read::<OutgoingRow<'_>>()
            .unwrap()
            .next()
            .map(|columns| columns.unwrap().actual_hash());
        row[7] = hash;
        row
    };
    (1..=count).map(row).collect()
}

fn batch(rows: &[Cells]) -> Batch {
    let columns = COLUMNS.iter().enumerate().map(|(at, name)| {
        let cells: Vec<Option<String>> = rows.iter().map(|row| row[at].clone()).collect();
        column(name, cells)
    });
    Batch::new(columns).unwrap()
}

fn set(rows: &mut [Cells], row: usize, name: &str, text: Option<&str>) {
    let at = COLUMNS.iter().position(|column| *column == name).unwrap();
    rows[row][at] = text.map(str::to_string);
}

fn open(batch: &Batch) -> Outbox {
    Outbox::open("run-7", &[], batch.schema()).unwrap()
}

#[test]
fn one_object_a_batch_one_line_a_message() {
    let batch = batch(&messages(3));
    let mut outbox = open(&batch);
    let checked = outbox.check(4, &batch).unwrap();
    assert_eq!(outbox.object_name(4), "run-7/000004.jsonl");
    let text = String::from_utf8(checked.json_lines()).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["customer_id"], "C-1");
    assert_eq!(lines[0]["body"], BODY);
    assert_eq!(lines[0].as_object().unwrap().len(), COLUMNS.len());
    assert_eq!(
        outbox.summary(4, &checked, false),
        "3 messages in run-7/000004.jsonl"
    );
    assert_eq!(
        outbox.summary(4, &checked, true),
        "dry run: 3 messages would go to run-7/000004.jsonl"
    );
}

#[test]
fn the_same_batch_again_is_the_same_and_the_same_message_again_is_refused() {
    let batch = batch(&messages(2));
    let mut outbox = open(&batch);
    let mut lines = |sequence| {
        let checked = outbox.check(sequence, &batch).unwrap();
        let codes = checked.refused.iter().map(|row| row.code.clone());
        (checked.json_lines(), codes.collect::<Vec<String>>())
    };
    let (first, refused) = lines(0);
    assert!(!first.is_empty() && refused.is_empty());
    assert_eq!(lines(0), (first, refused));
    let duplicates = vec!["duplicate-key".to_string(); 2];
    assert_eq!(lines(1), (Vec::new(), duplicates));
}

#[test]
fn rows_that_cannot_leave_have_a_code() {
    let mut rows = messages(8);
    set(&mut rows, 0, "address", None);
    set(&mut rows, 1, "body", Some("  "));
    set(&mut rows, 2, "customer_id", None);
    set(&mut rows, 3, "body", Some("Something else"));
    set(&mut rows, 4, "decision", Some("suppress"));
    set(&mut rows, 5, "customer_id", Some("C-7"));
    let batch = batch(&rows);
    let checked = open(&batch).check(0, &batch).unwrap();
    let refused = checked.refused.iter();
    let codes: Vec<(u32, &str)> = refused.map(|row| (row.row, row.code.as_str())).collect();
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
    assert_eq!(checked.messages.len(), 2);
}

#[test]
fn wrong_deliveries_are_refused_at_open() {
    let open = |run: &str, key: &[&str], columns: &[&str]| {
        let key: Vec<String> = key.iter().map(|name| (*name).to_string()).collect();
        let columns = columns.iter();
        let schema = columns.fold(Schema::new(), |schema, name| schema.utf8(*name));
        Outbox::open(run, &key, &schema)
    };
    let error = open(
        "r",
        &[],
        &["incident", "customer_id", "template_id", "body"],
    )
    .unwrap_err();
    assert_eq!(
        error.message,
        "the delivery has no column address, template_version"
    );
    for run in ["", "..", "../x", "a/b", "a b"] {
        let error = open(run, &[], &["address", "body"]).unwrap_err();
        assert_eq!(error.code, "bad-run-id", "{run}");
    }
    assert!(open("r", &["id"], &["id", "address", "body"]).is_ok());
}
