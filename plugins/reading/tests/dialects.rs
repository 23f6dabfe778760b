//! One table in every dialect gives the same rows.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, PLAIN, Row, all, config_of, mapping, read, row};

/// 2026-03-31 and 2026-04-01.
const DAYS: (&str, &str) = ("20543", "20544");

fn rows(bytes: &[u8], dialect: &str) -> (Vec<Row>, Vec<(String, String)>) {
    let host = Folder::with("a.csv", bytes).chunk_bytes(7);
    let config = config_of(&mapping(dialect, PLAIN), "{}", &host).unwrap();
    let got = read(&host, config, all()).unwrap();
    assert_eq!(got.rejects, []);
    (got.rows, host.take_notices())
}

fn wanted() -> Vec<Row> {
    vec![
        row(&[
            "C-1",
            "靴底にひび割れ。\n雪の日です",
            "3",
            "123450",
            DAYS.0,
            "a.csv",
            "2",
        ]),
        row(&[
            "C-2",
            "says \"fine\"; all, good",
            "12",
            "-50",
            DAYS.1,
            "a.csv",
            "4",
        ]),
    ]
}

fn table(delimiter: char, end: &str, numbers: [&str; 4]) -> String {
    let d = delimiter;
    let [q1, a1, q2, a2] = numbers.map(|n| {
        if n.contains(d) {
            format!("\"{n}\"")
        } else {
            n.to_owned()
        }
    });
    format!(
        "顧客番号{d}備考{d}数量{d}金額{d}日付{end}\
         C-1{d}\"靴底にひび割れ。\n雪の日です\"{d}{q1}{d}{a1}{d}2026-03-31{end}\
         C-2{d}\"says \"\"fine\"\"; all, good\"{d}{q2}{d}{a2}{d}2026/4/1{end}"
    )
}

const POINT: [&str; 4] = ["3", "1234.50", "12", "-0.5"];

#[test]
fn delimiters_and_line_ends() {
    for delimiter in [',', ';', '\t', '|'] {
        for end in ["\n", "\r\n", "\r"] {
            let (got, notices) = rows(table(delimiter, end, POINT).as_bytes(), "");
            assert_eq!(got, wanted(), "{delimiter:?} {end:?}");
            assert_eq!(notices.is_empty(), delimiter == ',', "{notices:?}");
        }
    }
}

#[test]
fn encodings_found_and_stated() {
    let text = table(',', "\r\n", POINT);
    let encoded = |encoding: &'static encoding_rs::Encoding| encoding.encode(&text).0.into_owned();
    let wide = |mark: bool, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.then_some(0xfeff)
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(order)
            .collect()
    };
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("UTF-8", text.clone().into_bytes(), "utf-8"),
        (
            "UTF-8 with a mark",
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            "utf-8",
        ),
        ("Shift_JIS", encoded(encoding_rs::SHIFT_JIS), "cp932"),
        ("EUC-JP", encoded(encoding_rs::EUC_JP), "euc-jp"),
        (
            "UTF-16LE with a mark",
            wide(true, u16::to_le_bytes),
            "utf-16le",
        ),
        (
            "UTF-16BE with a mark",
            wide(true, u16::to_be_bytes),
            "utf-16be",
        ),
        ("UTF-16LE", wide(false, u16::to_le_bytes), "utf-16le"),
        ("UTF-16BE", wide(false, u16::to_be_bytes), "utf-16be"),
    ];
    for (name, bytes, label) in cases {
        let (got, notices) = rows(&bytes, &format!("encoding = \"{label}\""));
        assert_eq!(got, wanted(), "{name}, stated");
        assert!(
            !notices.iter().any(|(code, _)| code == "dialect"),
            "{name}: {notices:?}"
        );
        // Two lines without a mark are too little to know wide text by; a mark or more ASCII is enough.
        if name == "UTF-16LE" || name == "UTF-16BE" {
            continue;
        }
        let (got, notices) = rows(&bytes, "");
        assert_eq!(got, wanted(), "{name}, found");
        let reported = notices.iter().any(|(code, message)| {
            code == "dialect" && message.contains(name.split(' ').next().unwrap())
        });
        assert_eq!(reported, !name.starts_with("UTF-8"), "{name}: {notices:?}");
    }
}

#[test]
fn a_legacy_encoding_that_shows_late() {
    let mut bytes = b"id,text,quantity,amount,day\n".to_vec();
    for i in 0..40_000 {
        bytes.extend(format!("A-{i},plain text,1,1.00,2026-03-31\n").bytes());
    }
    bytes.extend(
        encoding_rs::SHIFT_JIS
            .encode("B-1,靴底にひび割れがあります。とても残念です,1,1.00,2026-03-31\n")
            .0
            .iter(),
    );
    let (got, _) = rows(&bytes, "");
    assert_eq!(got.len(), 40_001);
    assert_eq!(
        got.last().unwrap()[1].as_deref(),
        Some("靴底にひび割れがあります。とても残念です")
    );
}

#[test]
fn numbers_and_dates_as_people_write_them() {
    let german = "decimal = \",\"\nthousands = [\".\"]";
    assert_eq!(
        rows(
            table(';', "\n", ["3", "1.234,50", "12", "-0,5"]).as_bytes(),
            german
        )
        .0,
        wanted()
    );
    let swiss = "thousands = [\"'\", \"’\"]";
    assert_eq!(
        rows(
            table(';', "\n", ["3", "1'234.50", "12", "0.50-"]).as_bytes(),
            swiss
        )
        .0,
        wanted()
    );
    let found = "decimal = \"detect\"";
    assert_eq!(
        rows(
            table(';', "\n", ["3", "1.234,50", "12", "-0,5"]).as_bytes(),
            found
        )
        .0,
        wanted()
    );
    assert_eq!(
        rows(
            table(',', "\n", ["3", "1,234.50", "12", "-0.5"]).as_bytes(),
            found
        )
        .0,
        wanted()
    );
    assert_eq!(
        rows(
            table(
                ',',
                "\n",
                ["３", "１２３４．５０", "１２\u{a0}", "\u{2212}０．５"]
            )
            .as_bytes(),
            ""
        )
        .0,
        wanted()
    );
    let slashes = table(',', "\n", POINT)
        .replace("2026-03-31", "31/03/2026")
        .replace("2026/4/1", "1/4/2026");
    assert_eq!(rows(slashes.as_bytes(), "dates = \"%d/%m/%Y\"").0, wanted());
    let eras = table(',', "\n", POINT)
        .replace("2026-03-31", "令和8年3月31日")
        .replace("2026/4/1", "Ｒ８．４．１");
    assert_eq!(rows(eras.as_bytes(), "").0, wanted());
}

#[test]
fn what_spreadsheets_add() {
    let stated = format!("sep=;\r\n{}", table(';', "\r\n", POINT));
    let (got, _) = rows(stated.as_bytes(), "");
    assert_eq!(
        got[0][6].as_deref(),
        Some("3"),
        "the heading row is on line 2"
    );
    let trailing = "id,text,quantity,amount,day,,\nC-1,a,1,1,2026-03-31,,\n,,,,,,\n";
    let (got, notices) = rows(trailing.as_bytes(), "");
    assert_eq!(got, [row(&["C-1", "a", "1", "100", DAYS.0, "a.csv", "2"])]);
    assert_eq!(
        notices,
        [(
            "blank-lines".to_owned(),
            "a.csv: 1 blank line(s) passed over".to_owned()
        )]
    );
    let wide_headings = "ＩＤ, Text ,QUANTITY,amount,day\nC-1,a,1,1,2026-03-31\n";
    assert_eq!(rows(wide_headings.as_bytes(), "").0.len(), 1);
}

#[test]
fn lines_of_json() {
    let lines = "{\"id\":\"C-1\",\"text\":\"a, \\\"b\\\"\",\"quantity\":3,\"amount\":1234.5,\"day\":\"2026-03-31\",\"at\":{\"store\":{\"city\":\"Bern\"}}}\n\
        \n{\"id\":\"C-2\",\"amount\":\"0.50\"}\r\n{\"id\":\n[1]\n{\"id\":\"C-3\",\"quantity\":1.5}\n{\"text\":\"no key\"}\n";
    let host = Folder::with("a.jsonl", lines);
    let mapping = mapping(
        "decimal = \",\"",
        &format!("{PLAIN} {{ name = \"city\", type = \"text\", headings = [\"at.store.city\"] }}"),
    )
    .replace(
        "files = [\"*.csv\"]",
        "files = [\"*.jsonl\"]\nformat = \"jsonl\"",
    );
    let config = config_of(&mapping, "{}", &host).unwrap();
    let got = read(&host, config, all()).unwrap();
    assert_eq!(
        got.rows,
        [row(&[
            "C-1", "a, \"b\"", "3", "123450", DAYS.0, "Bern", "a.jsonl", "1"
        ])]
    );
    let codes: Vec<_> = got
        .rejects
        .iter()
        .map(|r| (r.line, r.code, r.column.as_deref()))
        .collect();
    // In this dialect a point is no decimal mark: a JSON string follows it, a JSON number does not.
    assert_eq!(
        codes,
        [
            (3, "bad-number", Some("amount")),
            (4, "bad-json", None),
            (5, "bad-json", None),
            (6, "bad-number", Some("quantity")),
            (7, "missing-key", Some("id"))
        ]
    );
    assert_eq!(got.counts.blanks, 1);
}
