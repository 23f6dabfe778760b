//! A draft from a sample file passes its own checks and reads the file it was made from.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/packed.rs"]
mod packed;

use common::{Folder, Read, config_of, read};
use packed::{gzip, head, text, workbook, zip};
use tsugi_reading::{ColumnType, Draft, Mapping, Request, draft, load};

fn of(name: &str, bytes: &[u8]) -> (Draft, Mapping) {
    let draft = draft(name, bytes).unwrap();
    let mapping = load("draft.toml", &draft.toml);
    assert!(mapping.is_ok(), "{mapping:?}\n{}", draft.toml);
    let mapping = mapping.unwrap();
    (draft, mapping)
}

/// Drafts, then reads the same file by the draft.
fn round(name: &str, bytes: &[u8]) -> (Draft, Mapping, Read) {
    let (draft, mapping) = of(name, bytes);
    let host = Folder::with(name, bytes);
    let request = Request {
        stream: mapping.streams[0].name.clone(),
        ..Request::default()
    };
    let got = read(&host, config_of(&draft.toml, "{}", &host).unwrap(), request).unwrap();
    assert_eq!(got.rejects, [], "{}", draft.toml);
    (draft, mapping, got)
}

fn column_types(mapping: &Mapping) -> Vec<(&str, ColumnType, bool)> {
    let columns = mapping.streams[0].columns.iter();
    columns.map(|c| (c.name.as_str(), c.kind, c.key)).collect()
}

const fn decimal(scale: u8) -> ColumnType {
    ColumnType::Decimal {
        precision: 19,
        scale,
    }
}

#[test]
fn a_german_export() {
    let text = "Kunden-Nr.;Name;PLZ;Größe;Umsatz;Aktiv;Erstellt am;Telefon\r\n\
        0001;Müller;01234;12;1.234,50;true;31.12.2025;+49 30 1\r\n\
        0002;Weiß;80331;7;0,99;false;01.02.2026;+49 30 2\r\n";
    let bytes = encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let (draft, mapping, got) = round("Kunden Export.csv", &bytes);
    use ColumnType::{Boolean, Date, Integer, Text};
    assert_eq!(
        column_types(&mapping),
        [
            ("kunden_nr", Text, true),
            ("name", Text, false),
            ("plz", Text, false),
            ("groesse", Integer, false),
            ("umsatz", decimal(2), false),
            ("aktiv", Boolean, false),
            ("erstellt_am", Date, false),
            ("telefon", Text, false),
        ]
    );
    assert_eq!(mapping.streams[0].name, "kunden_export");
    assert_eq!(mapping.streams[0].cursor, ["erstellt_am"]);
    assert_eq!(got.rows.len(), 2);
    assert_eq!(got.rows[0][4].as_deref(), Some("123450"));
    assert_eq!((draft.rows, draft.doubts), (2, vec![]));
}

#[test]
fn a_japanese_export_with_repeated_rows() {
    let text = "\"レコードの開始行\",\"レコード番号\",\"受付日時\",\"品番\",\"数量\",\"金額\"\n\
        \"*\",\"1\",\"令和8年3月31日 14:05\",\"靴-1\",\"2\",\"12,000\"\n\"\",\"\",\"\",\"靴-2\",\"1\",\"8,000\"\n\
        \"*\",\"2\",\"令和8年4月1日 9:00\",\"靴-1\",\"1\",\"6,000\"\n";
    let bytes = encoding_rs::SHIFT_JIS.encode(text).0.into_owned();
    let (draft, mapping, got) = round("kintone.csv", &bytes);
    let stream = &mapping.streams[0];
    assert_eq!(stream.start.as_deref(), Some("レコードの開始行"));
    let fills: Vec<_> = stream
        .columns
        .iter()
        .map(|c| (c.headings[0].as_str(), c.fill))
        .collect();
    assert_eq!(
        fills,
        [
            ("レコード番号", true),
            ("受付日時", true),
            ("品番", false),
            ("数量", false),
            ("金額", false)
        ]
    );
    assert_eq!(stream.columns[1].kind, ColumnType::Timestamp);
    assert_eq!(stream.columns[4].kind, ColumnType::Integer);
    assert_eq!(got.rows[1][0].as_deref(), Some("1"));
    assert_eq!(got.rows[0][4].as_deref(), Some("12000"));
    assert_eq!(draft.doubts.len(), 2, "{:?}", draft.doubts);
    assert!(
        draft
            .toml
            .contains("# Look: no column has a value of its own"),
        "{}",
        draft.toml
    );
}

#[test]
fn dates_that_may_mean_two_days() {
    let (draft, _, _) = round("a.csv", b"id,on\n1,03/04/2026\n2,05/06/2026\n");
    assert!(
        draft.doubts[0].contains("`%d/%m/%Y` or `%m/%d/%Y`"),
        "{:?}",
        draft.doubts
    );
    let (draft, mapping, got) = round("a.csv", b"id,on\n1,03/04/2026\n2,05/31/2026\n");
    assert!(
        draft.toml.contains("%m/%d/%Y") && draft.doubts.is_empty(),
        "{}",
        draft.toml
    );
    assert_eq!(mapping.streams[0].columns[1].kind, ColumnType::Date);
    assert_eq!(got.rows[0][1].as_deref(), Some("20516"));
}

#[test]
fn json_workbooks_and_packed_files() {
    let json = br#"{"count": 2, "tickets": [{"id": 7, "via": {"channel": "web", "source": {"rel": null}}, "created_at": "2026-03-31T14:05:09Z", "score": 0.5},
        {"id": 8, "via": {"channel": "mail", "source": {"rel": "x"}}, "created_at": "2026-03-31T15:05:09Z", "score": 0.25, "late": true}]}"#;
    let (_, mapping, got) = round("tickets.json", json);
    assert_eq!(mapping.streams[0].records.as_deref(), Some("tickets"));
    use ColumnType::{Boolean, Date, Integer, Text, Timestamp};
    assert_eq!(
        column_types(&mapping),
        [
            ("id", Text, true),
            ("via_channel", Text, false),
            ("via_source_rel", Text, false),
            ("created_at", Timestamp, false),
            ("score", decimal(2), false),
            ("late", Boolean, false),
        ]
    );
    assert_eq!(got.rows[1][2].as_deref(), Some("x"));

    let cells = |i: usize| {
        format!(
            "<row>{}{}<c><v>{i}</v></c><c><v>{i}.5</v></c><c s=\"1\"><v>46112</v></c></row>",
            text(&format!("C-{i}")),
            text("テキスト")
        )
    };
    let book = workbook(&format!("{}{}{}", head(), cells(1), cells(2)), "");
    let (_, mapping, got) = round("Book 1.xlsx", &book);
    assert_eq!(
        column_types(&mapping),
        [
            ("id", Text, true),
            ("text", Text, false),
            ("quantity", Integer, false),
            ("amount", decimal(2), false),
            ("day", Date, false)
        ]
    );
    assert_eq!(got.rows.len(), 2);

    let (_, _, got) = round("a.csv.gz", &gzip(b"id,n\nA,1\nB,2\n"));
    assert_eq!(got.rows.len(), 2);
    let packed = zip(&[
        ("in/Account.csv", b"Id,Name\nA,x\nB,y\n"),
        ("in/Case.csv", b"Id,Subject\nC,z\nD,w\n"),
        ("photo.png", b"x"),
    ]);
    let (_, mapping) = of("export.zip", &packed);
    let names: Vec<_> = mapping
        .streams
        .iter()
        .map(|s| (s.name.as_str(), s.files[0].as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("account", "export.zip/in/Account.csv"),
            ("case", "export.zip/in/Case.csv")
        ]
    );
}

#[test]
fn samples_that_say_little() {
    let (draft, mapping) = of("a.csv", b"x,,x,\"odd \"\"heading\"\"\",1st,\xe5\x90\x8d\n");
    assert!(draft.doubts[1].contains("no row"), "{:?}", draft.doubts);
    let names: Vec<_> = mapping.streams[0]
        .columns
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(names, ["x_1", "x_2", "odd_heading", "column_4_1st", "name"]);
    assert!(
        draft
            .doubts
            .iter()
            .any(|doubt| doubt.contains("`x` occurs more than once"))
    );
    assert_eq!(draft_error("a.csv", b""), "empty-file");
    assert_eq!(
        draft_error("a.zip", &zip(&[("x.png", b"x")])),
        "missing-file"
    );
    assert_eq!(draft_error("a.xlsx", b"no"), "bad-archive");
}

fn draft_error(name: &str, bytes: &[u8]) -> String {
    draft(name, bytes).unwrap_err().code
}
