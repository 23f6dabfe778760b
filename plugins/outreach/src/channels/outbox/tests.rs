//! What an outbox writes, what it refuses, and that a batch may be repeated.

use super::*;

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

/// Approved messages to `C-1` and on.
fn messages(count: usize) -> Sheet {
    let row = |number: usize| {
        let id = format!("C-{number}");
        let mut cells: Vec<Cell> = ["I-1", &id, "notice", "1", "a@b.example", "Dear A,\n\nYour"]
            .map(Cell::from)
            .to_vec();
        cells.extend([Cell::from("send"), Cell::Null]);
        cells
    };
    let mut sheet = Sheet {
        columns: COLUMNS.map(str::to_string).to_vec(),
        rows: (1..=count).map(row).collect(),
    };
    let hashes: Vec<String> = sheet.rows().map(|row| content_hash(&row)).collect();
    for (row, hash) in hashes.iter().enumerate() {
        set(&mut sheet, row, "content_hash", Cell::from(hash.as_str()));
    }
    sheet
}

fn set(sheet: &mut Sheet, row: usize, name: &str, cell: Cell) {
    let index = sheet.columns.iter().position(|column| column == name);
    sheet.rows[row][index.unwrap()] = cell;
}

fn open(sheet: &Sheet) -> Outbox {
    Outbox::open("run-7", &[], &sheet.columns).unwrap()
}

#[test]
fn one_object_a_batch_one_line_a_message() {
    let sheet = messages(3);
    let mut outbox = open(&sheet);
    let object = outbox.object(4, &sheet);
    assert_eq!(
        (object.name.as_str(), object.accepted),
        ("run-7/000004.jsonl", 3)
    );
    let text = String::from_utf8(object.bytes.clone()).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["customer_id"], "C-1");
    assert_eq!(lines[0]["body"], "Dear A,\n\nYour");
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
    let sheet = messages(2);
    let mut outbox = open(&sheet);
    let first = outbox.object(0, &sheet);
    assert_eq!(outbox.object(0, &sheet), first);
    let second = outbox.object(1, &sheet);
    assert_eq!(second.accepted, 0);
    assert!(second.bytes.is_empty());
    assert!(second.refused.iter().all(|row| row.code == "duplicate-key"));
}

#[test]
fn rows_that_cannot_leave_have_a_code() {
    let mut sheet = messages(8);
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
    let open = |run: &str, key: &[&str], columns: &[&str]| {
        let owned = |names: &[&str]| -> Vec<String> {
            names.iter().map(|name| (*name).to_string()).collect()
        };
        Outbox::open(run, &owned(key), &owned(columns))
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
