//! Packed files, workbooks and JSON give the rows that the same table gives as CSV.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/packed.rs"]
mod packed;

use common::{Folder, PLAIN, Read, Row, all, config_of, mapping, read, row};
use packed::{gzip, head, text, workbook, zip, zip_by};
use tsugi_reading::{Request, State};

const TABLE: &str = "id,text,quantity,amount,day\nC-1,靴底にひび割れがあります,3,1234.50,2026-03-31\nC-2,,12,-0.5,2026-04-01\n";
const DAYS: (&str, &str) = ("20543", "20544");

fn mapped(files: &str, more: &str) -> String {
    mapping("", PLAIN).replace("files = [\"*.csv\"]", &format!("files = [{files}]\n{more}"))
}

fn take(host: &Folder, mapping: &str, request: Request) -> Read {
    let config = config_of(mapping, "{}", host).unwrap();
    read(host, config, request).unwrap()
}

fn fail(host: &Folder, mapping: &str) -> tsugi_reading::ReadError {
    let config = config_of(mapping, "{}", host).unwrap();
    read(host, config, all()).unwrap_err()
}

fn wanted(file: &str, lines: (&str, &str)) -> Vec<Row> {
    vec![
        row(&[
            "C-1",
            "靴底にひび割れがあります",
            "3",
            "123450",
            DAYS.0,
            file,
            lines.0,
        ]),
        row(&["C-2", "", "12", "-50", DAYS.1, file, lines.1]),
    ]
}

#[test]
fn gzip_and_zip_of_csv() {
    let host = Folder::with("a.csv.gz", gzip(TABLE.as_bytes())).chunk_bytes(13);
    let got = take(&host, &mapped("\"*.csv\"", ""), all());
    assert_eq!(got.rows, wanted("a.csv.gz", ("2", "3")));
    // Beside the file itself it is a copy, unless the mapping names it.
    host.put("a.csv", TABLE, 1.0);
    let got = take(&host, &mapped("\"*.csv\"", ""), all());
    assert_eq!(got.rows, wanted("a.csv", ("2", "3")));
    let got = take(&host, &mapped("\"*.csv\", \"*.csv.gz\"", ""), all());
    assert_eq!(got.rows.len(), 4);

    for method in [
        zip::CompressionMethod::Deflated,
        zip::CompressionMethod::Stored,
    ] {
        let sjis = encoding_rs::SHIFT_JIS.encode(TABLE).0.into_owned();
        let inner = gzip(TABLE.as_bytes());
        let members: [(&str, &[u8]); 4] = [
            ("notes.txt", b"not ours"),
            ("crm/a.csv", TABLE.as_bytes()),
            ("crm/b.csv", &sjis),
            ("crm/c.csv.gz", &inner),
        ];
        let host = Folder::with("export-1.zip", zip_by(&members, method)).chunk_bytes(11);
        let got = take(&host, &mapped("\"export-*.zip/crm/*.csv\"", ""), all());
        let mut all_rows = wanted("export-1.zip/crm/a.csv", ("2", "3"));
        all_rows.extend(wanted("export-1.zip/crm/b.csv", ("2", "3")));
        all_rows.extend(wanted("export-1.zip/crm/c.csv.gz", ("2", "3")));
        assert_eq!(got.rows, all_rows);
    }
}

#[test]
fn packed_files_that_are_cut_or_false() {
    let whole = gzip(TABLE.repeat(50).as_bytes());
    let packed = mapped("\"a.csv.gz\", \"*.zip/*.csv\"", "");
    for length in [0, 1, 9, 12, whole.len() / 2, whole.len() - 1] {
        let host = Folder::with("a.csv.gz", &whole[..length]);
        let error = fail(&host, &packed);
        let known = ["bad-archive", "empty-file"];
        assert!(known.contains(&error.code.as_str()), "{length}: {error}");
    }
    let whole = zip(&[("a.csv", TABLE.repeat(50).as_bytes())]);
    for length in [0, 1, 30, whole.len() / 2, whole.len() - 1] {
        let host = Folder::with("a.zip", &whole[..length]);
        assert_eq!(fail(&host, &packed).code, "bad-archive", "{length}");
    }
    let mut spoiled = whole.clone();
    spoiled[60] ^= 0xff;
    let error = fail(&Folder::with("a.zip", spoiled), &packed);
    assert_eq!(
        (error.code.as_str(), error.at.as_deref()),
        ("bad-archive", Some("a.zip/a.csv"))
    );
}

#[test]
fn json_arrays_and_nested_json() {
    let columns = format!(
        "{PLAIN} {{ name = \"city\", type = \"text\", headings = [\"at.store.city\"] }}, {{ name = \"tag\", type = \"text\", headings = [\"tags.1.name\"] }}"
    );
    let of =
        |more: &str| mapping("", &columns).replace("[\"*.csv\"]", &format!("[\"*.json\"]\n{more}"));
    let first = r#"{"id": "C-1", "text": "a \"]}\" b\\", "quantity": 3, "amount": 1234.5, "day": "2026-03-31",
        "at": {"store": {"city": "Bern"}}, "tags": [{"name": "x"}, {"name": "y"}]}"#;
    let second = r#"{"id":"C-2","amount":"0.50","tags":[]}"#;
    let expected = |lines: [&str; 2]| {
        vec![
            row(&[
                "C-1",
                "a \"]}\" b\\",
                "3",
                "123450",
                DAYS.0,
                "Bern",
                "y",
                "a.json",
                lines[0],
            ]),
            row(&["C-2", "", "", "50", "", "", "", "a.json", lines[1]]),
        ]
    };
    let shapes = [
        (String::new(), format!("[{first},\r\n {second}]\n")),
        (String::new(), format!("\u{feff} [ {first} , {second} ] ")),
        (String::new(), format!("{first}\n{second}\n")),
        (String::new(), format!("{first}{second}")),
        (
            "records = \"data.items\"".to_owned(),
            format!(
                r#"{{"next": null, "items": [{{"id": "no"}}], "data": {{"count": 2, "other": {{"items": [1]}}, "items": [{first}, {second}], "more": [3]}}, "data2": 1}}"#
            ),
        ),
    ];
    for (more, text) in shapes {
        for chunk in [1, 7, 4096] {
            let host = Folder::with("a.json", text.clone()).chunk_bytes(chunk);
            let got = take(&host, &of(&more), all());
            assert_eq!(got.rows, expected(["1", "2"]), "{text}");
            assert_eq!(got.rejects, [], "{text}");
        }
    }
    let error = fail(
        &Folder::with("a.json", "{\"items\": []}"),
        &of("records = \"data\""),
    );
    assert_eq!(
        (error.code.as_str(), error.at.as_deref()),
        ("missing-records", Some("a.json"))
    );
    assert_eq!(
        take(&Folder::with("a.json", "[]"), &of(""), all())
            .counts
            .rows,
        0
    );

    // What is cut off or no object is reported, and the sound elements are read.
    let cut = format!("[{second}, 7, \"x\", [1], {{\"id\": \"C-3\"");
    let got = take(&Folder::with("a.json", cut), &of(""), all());
    assert_eq!(got.rows.len(), 1);
    let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.code)).collect();
    let bad = |line| (line, "bad-json");
    assert_eq!(places, [bad(2), bad(3), bad(4), bad(5), bad(6)]);
    assert!(got.rejects[4].raw.contains("ends before its array"));
}

const DAY: &str = "<c s=\"1\"><v>46112</v></c>";

#[test]
fn sheets_of_workbooks() {
    let dialect = "decimal = \",\"\nthousands = [\".\"]\ndates = \"%d/%m/%Y\"";
    let of = |more: &str| {
        mapping(dialect, PLAIN).replace("[\"*.csv\"]", &format!("[\"*.xlsx\"]\n{more}"))
    };
    let rows = [
        "<row r=\"2\"/>".to_owned(),
        head(),
        // Typed cells: their own marks count, whatever the dialect says of text.
        format!("<row><c t=\"s\"><v>0</v></c>{}<c><v>3</v></c><c><v>1234.5</v></c>{DAY}</row>", text("two\nlines, \"quoted\"")),
        "<row r=\"7\"><c r=\"A7\" t=\"s\"><v>1</v></c><c r=\"D7\"><v>0.30000000000000004</v></c><c r=\"E7\" s=\"2\"><v>46112.5</v></c></row>".to_owned(),
        // Cells of text follow the dialect; a number is no text with a fraction.
        format!("<row>{}<c><v>12345</v></c>{}{}{}</row>", text("C-3"), text("1.000"), text("-0,5"), text("1/4/2026")),
        "<row><c t=\"b\"><v>1</v></c></row>".to_owned(),
        format!("<row>{}<c/><c><v>1.5</v></c></row>", text("C-5")),
        "<row r=\"1048576\"><c r=\"A1048576\"/></row>".to_owned(),
    ]
    .concat();
    let book = workbook(
        &rows,
        "<si><t>C-1</t></si><si><r><t>C</t></r><r><t>-2</t></r><rPh sb=\"0\" eb=\"1\"><t>シー</t></rPh></si>",
    );
    for (name, bytes, files) in [
        ("a.xlsx", book.clone(), "\"*.xlsx\""),
        ("a.xlsx.gz", gzip(&book), "\"*.xlsx\""),
        ("b.zip", zip(&[("in/a.xlsx", &book)]), "\"*.zip/in/*.xlsx\""),
    ] {
        let host = Folder::with(name, bytes).chunk_bytes(999);
        let mapping = of("sheet = \"Orders\"").replace("\"*.xlsx\"", files);
        let got = take(&host, &mapping, all());
        let file = if name == "b.zip" {
            "b.zip/in/a.xlsx"
        } else {
            name
        };
        assert_eq!(
            got.rows,
            [
                row(&[
                    "C-1",
                    "two\nlines, \"quoted\"",
                    "3",
                    "123450",
                    "20543",
                    file,
                    "4"
                ]),
                row(&["C-2", "", "", "30", "20543", file, "7"]),
                row(&["C-3", "12345", "1000", "-50", "20544", file, "8"]),
                row(&["true", "", "", "", "", file, "9"]),
            ]
        );
        let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.code)).collect();
        assert_eq!(places, [(10, "bad-number")]);
    }
    // The first sheet is hidden; without a name the first that shows is read.
    let host = Folder::with("a.xlsx", book.clone());
    assert_eq!(take(&host, &of(""), all()).rows.len(), 4);
    let error = fail(&host, &of("sheet = \"Order\""));
    assert_eq!(
        (error.code.as_str(), error.detail.as_deref()),
        ("missing-sheet", Some("did you mean `Orders`?"))
    );
    for length in [0, 100, book.len() / 2, book.len() - 1] {
        let error = fail(&Folder::with("a.xlsx", &book[..length]), &of(""));
        assert_eq!(error.code, "bad-archive", "{length}");
    }
    let error = fail(&Folder::with("a.xlsx", zip(&[("x", b"y")])), &of(""));
    assert_eq!(error.code, "bad-workbook");
}

#[test]
fn lines_above_the_heading_row() {
    let report = format!("Report: customers\n\"made, on\",2026\n{TABLE}");
    let host = Folder::with("a.csv", report);
    let got = take(&host, &mapped("\"*.csv\"", "skip_lines = 2"), all());
    assert_eq!(got.rows, wanted("a.csv", ("4", "5")));

    let cells = ["C-1", "x", "1", "1.00", "2026-03-31"].map(text).concat();
    let title = format!("<row>{}</row><row/>", text("Report,\nmade on 2026-03-31"));
    let book = workbook(&format!("{title}{}<row>{cells}</row>", head()), "");
    let host = Folder::with("a.xlsx", book);
    let got = take(&host, &mapped("\"*.xlsx\"", "skip_lines = 1"), all());
    assert_eq!(
        got.rows,
        [row(&["C-1", "x", "1", "100", DAYS.0, "a.xlsx", "4"])]
    );
}

/// Every checkpoint inside a packed or derived file leads to exactly the rest, and rows added
/// at its end are read on.
#[test]
fn checkpoints_in_every_format() {
    let line = |i: usize| format!("K-{i},テキスト {i},{i},{i}.25,2026-03-31\n");
    let csv = |n: usize| -> Vec<u8> {
        let lines: String = (0..n).map(line).collect();
        format!("id,text,quantity,amount,day\n{lines}").into_bytes()
    };
    let json = |n: usize| -> Vec<u8> {
        let object = |i| {
            format!(
                "{{\"id\":\"K-{i}\",\"text\":\"テキスト {i}\",\"quantity\":{i},\"amount\":\"{i}.25\",\"day\":\"2026-03-31\"}}"
            )
        };
        format!("[{}]", (0..n).map(object).collect::<Vec<_>>().join(",\n")).into_bytes()
    };
    let xlsx = |n: usize| -> Vec<u8> {
        let cells = |i| {
            format!(
                "<row>{}{}<c><v>{i}</v></c><c><v>{i}.25</v></c>{DAY}</row>",
                text(&format!("K-{i}")),
                text(&format!("テキスト {i}"))
            )
        };
        workbook(
            &format!("{}{}", head(), (0..n).map(cells).collect::<String>()),
            "",
        )
    };
    let gz = |n: usize| gzip(&csv(n));
    let in_zip = |n: usize| zip(&[("b.csv", &csv(n))]);
    type Maker<'a> = &'a dyn Fn(usize) -> Vec<u8>;
    let cases: [(&str, Maker); 5] = [
        ("a.csv", &csv),
        ("a.json", &json),
        ("a.xlsx", &xlsx),
        ("a.csv.gz", &gz),
        ("a.zip", &in_zip),
    ];
    for (name, make) in cases {
        let host = Folder::with(name, make(9_000)).chunk_bytes(60_000);
        let mapping = mapped("\"a.{csv,json,xlsx}\", \"a.zip/*.csv\"", "");
        let on = |since: Option<State>| {
            let request = Request {
                since,
                max_rows: 500,
                checkpoint_rows: 1_000,
                ..all()
            };
            take(&host, &mapping, request)
        };
        let whole = on(None);
        assert_eq!(
            (whole.rows.len(), whole.rejects.len()),
            (9_000, 0),
            "{name}"
        );
        assert!(whole.checkpoints.len() > 5, "{name}");
        for (rows, _, state) in &whole.checkpoints {
            let rest = on(Some(state.clone()));
            assert_eq!(rest.rows, whole.rows[*rows..], "{name} after {rows}");
        }
        let end = whole.checkpoints.last().unwrap().2.clone();
        host.put(name, make(9_100), 2.0);
        let more = on(Some(end.clone()));
        assert_eq!(more.rows.len(), 100, "{name}");
        assert_eq!(host.take_notices(), [], "{name}");
        host.put(name, make(8_000), 3.0);
        let config = config_of(&mapping, "{}", &host).unwrap();
        let since = Some(end);
        let error = read(&host, config, Request { since, ..all() }).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.at.is_some()),
            ("stale-checkpoint", true),
            "{name}"
        );
    }
}

#[test]
fn children_in_lists_inside_records() {
    let columns = r#"
        { name = "id", type = "text", key = true },
        { name = "place", type = "text", headings = ["ship.to"] },
        { name = "line", type = "integer", headings = ["ship.lines.n"] },
        { name = "sku", type = "text", headings = ["ship.lines.sku"] },
    "#;
    let mapping = mapping("", columns).replace(
        "[\"*.csv\"]",
        "[\"*.json\"]\nrecords = \"orders\"\neach = \"ship.lines\"",
    );
    let text = r#"{"orders": [
        {"id": "A", "ship": {"to": "Zug", "lines": [{"n": 1, "sku": "x"}, {"n": 2, "sku": "y"}]}},
        {"id": "B", "ship": {"to": "Bern", "lines": []}}, {"id": "C"}, 7,
        {"id": "D", "ship": {"lines": [{"n": 1}, {"n": "two"}]}}]}"#;
    for chunk in [1, 9, 4096] {
        let host = Folder::with("a.json", text).chunk_bytes(chunk);
        let request = Request {
            max_rows: 1,
            checkpoint_rows: 1,
            ..all()
        };
        let got = take(&host, &mapping, request);
        assert_eq!(
            got.rows,
            [
                row(&["A", "Zug", "1", "x", "a.json", "1"]),
                row(&["A", "Zug", "2", "y", "a.json", "2"]),
                row(&["B", "Bern", "", "", "a.json", "3"]),
                row(&["C", "", "", "", "a.json", "4"]),
                row(&["D", "", "1", "", "a.json", "6"]),
            ]
        );
        let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.code)).collect();
        assert_eq!(places, [(5, "bad-json"), (7, "bad-number")]);
        for (rows, _, state) in &got.checkpoints {
            let since = Some(state.clone());
            let rest = take(&host, &mapping, Request { since, ..all() });
            assert_eq!(rest.rows, got.rows[*rows..], "after {rows}");
        }
    }
    // Children that would come to gigabytes stay with their parent; long records are refused.
    let wide = "x".repeat(500_000);
    let many = vec!["{\"n\":1}"; 50_000].join(",");
    let text = format!(
        r#"{{"orders": [{{"id": "A", "note": "{wide}", "ship": {{"lines": [{many}]}}}}, {{"id": "B", "note": "{wide}{wide}{wide}"}}, {{"id": "C"}}]}}"#
    );
    let got = take(&Folder::with("a.json", text), &mapping, all());
    assert_eq!(got.rows.len(), 2);
    assert_eq!(
        got.rejects.iter().map(|r| r.code).collect::<Vec<_>>(),
        ["record-too-long"]
    );
}
