//! Files as systems really write them, and the keys of a mapping that say so.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/packed.rs"]
mod packed;

use common::{Folder, Read, all, config_of, read};
use packed::{text, workbook, zip};
use tsugi_reading::{Draft, draft};

/// A mapping of one stream `rows` over every file: `stream` and `columns` are TOML.
fn mapped(stream: &str, columns: &str) -> String {
    format!(
        "version = 1\nname = \"test\"\nstatus = \"assumed\"\nsources = [\"this test\"]\n\
         [streams.rows]\nfiles = [\"*\"]\n{stream}\ncolumns = [{columns}]\n"
    )
}

#[track_caller]
fn read_one(name: &str, bytes: &[u8], stream: &str, columns: &str) -> Read {
    let host = Folder::with(name, bytes);
    let config = config_of(&mapped(stream, columns), "{}", &host).unwrap();
    read(&host, config, all()).unwrap()
}

/// Rows as lines, `_file` and `_line` left out, no value as nothing; then the codes of the rejects.
#[track_caller]
fn lines(name: &str, bytes: impl AsRef<[u8]>, stream: &str, columns: &str) -> Vec<String> {
    let got = read_one(name, bytes.as_ref(), stream, columns);
    let cells = |row: &Vec<Option<String>>| {
        let own = row.iter().take(row.len() - 2);
        own.map(|cell| cell.clone().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("|")
    };
    let rejects = got
        .rejects
        .iter()
        .map(|reject| format!("{}:{}", reject.line, reject.code));
    got.rows.iter().map(cells).chain(rejects).collect()
}

const ID: &str = r#"{ name = "id", type = "text", key = true }"#;

#[test]
fn a_file_without_headings_has_columns_by_number() {
    let columns = r#"{ name = "account", type = "text", headings = ["4"] }, { name = "amount", type = "integer", headings = ["5"] }"#;
    let file = "2000,1,2026/01/05,旅費交通費,1200\n2000,2,2026/01/06,会議費,800\n";
    let got = lines("journal.csv", file, "headings = \"none\"", columns);
    assert_eq!(got, ["旅費交通費|1200", "会議費|800"]);
    // The first record is one also behind a title and a blank line.
    let titled = format!("Journal\n\n{file}");
    let got = lines(
        "journal.csv",
        titled,
        "headings = \"none\"\nskip_lines = 1",
        columns,
    );
    assert_eq!(got, ["旅費交通費|1200", "会議費|800"]);
}

#[test]
fn headings_that_occur_twice_have_numbers() {
    let file = "id,Phone,Phone,,Name\n1,030 1,0170 1,late,Ida\n";
    let columns = format!(
        r##"{ID}, {{ name = "home", type = "text", headings = ["Phone#1"] }}, {{ name = "mobile", type = "text", headings = ["phone#2"] }}, {{ name = "note", type = "text", headings = ["#4"] }}"##
    );
    assert_eq!(lines("a.csv", file, "", &columns), ["1|030 1|0170 1|late"]);

    let host = Folder::with("a.csv", file);
    let plain = format!(r#"{ID}, {{ name = "phone", type = "text" }}"#);
    let error = read(
        &host,
        config_of(&mapped("", &plain), "{}", &host).unwrap(),
        all(),
    )
    .unwrap_err();
    assert_eq!(error.code, "duplicate-heading");
    let next = error.detail.unwrap();
    assert!(next.contains("headings = [\"Phone#1\"]"), "{next}");

    let config = config_of(&mapped("", ID), "{\"drift\": \"add\"}", &host).unwrap();
    let got = read(&host, config, all()).unwrap();
    let extra = got.rows[0]
        .iter()
        .flatten()
        .find(|cell| cell.starts_with('{'))
        .unwrap();
    assert_eq!(
        extra,
        r##"{"Phone#1":"030 1","Phone#2":"0170 1","Name":"Ida"}"##
    );
}

#[test]
fn rows_may_be_shorter_and_longer_where_the_mapping_says_so() {
    let columns =
        format!(r#"{ID}, {{ name = "a", type = "text" }}, {{ name = "b", type = "text" }}"#);
    let file = "id,a,b\n1,x\n2,x,y\n3,x,y,z\n";
    assert_eq!(
        lines("a.csv", file, "", &columns),
        ["2|x|y", "2:too-few-fields", "4:too-many-fields"]
    );
    assert_eq!(
        lines("a.csv", file, "ragged = \"pad\"", &columns),
        ["1|x|", "2|x|y", "4:too-many-fields"]
    );
    let host = Folder::with("a.csv", file);
    let mapping = mapped("ragged = \"pad\"", &columns);
    let config = config_of(&mapping, "{\"drift\": \"add\"}", &host).unwrap();
    let got = read(&host, config, all()).unwrap();
    assert_eq!((got.rows.len(), got.rejects.len()), (3, 0));
    assert!(
        got.rows[2].contains(&Some(r##"{"#4":"z"}"##.to_owned())),
        "{:?}",
        got.rows
    );
}

#[test]
fn quotes_that_mean_nothing_and_quotes_behind_a_stroke() {
    let columns = format!(r#"{ID}, {{ name = "text", type = "text" }}"#);
    let file = "id\ttext\n1\t\"cracked\" after a week\n2\t5\" heel\n3\tplain\n";
    assert_eq!(
        lines("a.tsv", file, "dialect = { quote = \"none\" }", &columns),
        ["1|\"cracked\" after a week", "2|5\" heel", "3|plain"]
    );
    let file = "id,text\n1,\"says \\\"no\\\", twice\"\n2,plain\n";
    assert_eq!(
        lines("a.csv", file, "dialect = { escape = \"\\\\\" }", &columns),
        ["1|says \"no\", twice", "2|plain"]
    );
}

#[test]
fn rulers_and_totals_are_passed_over_and_counted() {
    let columns = r#"{ name = "doc", type = "text", key = true }, { name = "amount", type = "decimal(12,2)" }"#;
    let file = "doc;amount\n-----;-----\n 5000000001 ;12.50\n* ;12.50\nSum of 2026;12.50\n";
    let stream = "skip_rows_like = [\"---%\", \"*%\", \"Sum of%\"]\ndialect = { trim = true }";
    assert_eq!(
        lines("list.txt", file, stream, columns),
        ["5000000001|1250"]
    );
    let host = Folder::with("list.txt", file);
    let config = config_of(&mapped(stream, columns), "{}", &host).unwrap();
    read(&host, config, all()).unwrap();
    let notices = host.take_notices();
    let skipped = notices
        .iter()
        .find(|(code, _)| code == "skipped-rows")
        .unwrap();
    assert_eq!(
        skipped.1,
        "list.txt: 3 row(s) passed over by `skip_rows_like`"
    );
}

#[test]
fn words_constants_and_words_that_mean_nothing() {
    let columns = format!(
        r#"{ID}, {{ name = "language", type = "text", words = {{ "Deutsch" = "de", "日本語" = "ja" }} }},
           {{ name = "currency", type = "text", value = "EUR" }},
           {{ name = "buyer", type = "text", null_words = ["FALSE", "-"] }},
           {{ name = "due", type = "date", null_words = ["open"] }}"#
    );
    let file = "id,language,buyer,due\n1,Deutsch,False,2026-03-31\n2, 日本語 ,-,OPEN\n3,English,falsetto,\n";
    assert_eq!(
        lines("a.csv", file, "", &columns),
        ["1|de|EUR||20543", "2|ja|EUR||", "3|English|EUR|falsetto|"]
    );
    let both =
        format!(r#"{ID}, {{ name = "c", type = "text", value = "EUR", headings = ["Currency"] }}"#);
    let host = Folder::with("a.csv", file);
    let error = config_of(&mapped("", &both), "{}", &host).unwrap_err();
    assert!(error.to_string().contains("not both"), "{error}");
}

#[test]
fn an_empty_file_is_passed_over_where_the_mapping_says_so() {
    let host = Folder::with("a-1.csv", "id\n1\n");
    host.put("a-2.csv", "", 2.0);
    host.put("a-3.csv", "\n\n", 3.0);
    host.put("a-4.csv", "id\n4\n", 4.0);
    let stop = config_of(&mapped("", ID), "{}", &host).unwrap();
    assert_eq!(read(&host, stop, all()).unwrap_err().code, "empty-file");
    let pass = config_of(&mapped("empty_files = \"skip\"", ID), "{}", &host).unwrap();
    let got = read(&host, pass, all()).unwrap();
    assert_eq!(got.rows.len(), 2);
    let notices = host.take_notices();
    assert_eq!(
        notices
            .iter()
            .filter(|(code, _)| code == "empty-file")
            .count(),
        2
    );
}

#[test]
fn the_line_that_names_the_delimiter_in_every_spelling() {
    let columns = format!(r#"{ID}, {{ name = "a", type = "text" }}"#);
    for line in ["sep=;", "SEP=;", "\"sep=;\"", "Sep=;\r"] {
        let file = format!("{line}\nid;a\n3;x,y\n");
        assert_eq!(lines("a.csv", file, "", &columns), ["3|x,y"], "{line}");
    }
    let tab = "sep=\t\r\nid\ta\r\n3\tx\r\n";
    assert_eq!(lines("a.csv", tab, "", &columns), ["3|x"]);
}

#[test]
fn numbers_of_json_keep_their_digits() {
    let columns = r#"{ name = "ref", type = "text", key = true }, { name = "price", type = "decimal(38,20)" }, { name = "n", type = "number" }"#;
    let file = r#"{"ref":123456789012345678901234567890,"price":0.12345678901234567891,"n":1e30}
{"ref":18446744073709551616,"price":-1.5,"n":12345678901234567890.5}
{"ref":"a \"1234567890123456789012\" b","price":null,"n":9007199254740993}
{"ref":[12345678901234567890123],"price":1e-3}
"#;
    assert_eq!(
        lines("a.jsonl", file, "", columns),
        [
            "123456789012345678901234567890|12345678901234567891|1000000000000000000000000000000",
            "18446744073709551616|-150000000000000000000|12345678901234567000",
            "a \"1234567890123456789012\" b||9007199254740992",
            "[12345678901234567890123]|100000000000000000|",
        ]
    );
    let host = Folder::with(
        "a.jsonl",
        "{\"id\":1,\"more\":{\"x\":123456789012345678901234567890}}\n",
    );
    let config = config_of(&mapped("", ID), "{\"drift\": \"add\"}", &host).unwrap();
    let got = read(&host, config, all()).unwrap();
    let extra = "{\"more\":{\"x\":123456789012345678901234567890}}".to_owned();
    assert!(got.rows[0].contains(&Some(extra)), "{:?}", got.rows);
}

#[test]
fn whole_numbers_of_sheets_keep_sixteen_digits_and_errors_are_rejects() {
    let cell = |value: &str| format!("<c><v>{value}</v></c>");
    let head = format!("<row>{}{}</row>", text("id"), text("n"));
    let row = |id: &str, second: &str| format!("<row>{}{second}</row>", cell(id));
    let error = "<c t=\"e\"><v>#N/A</v></c>";
    let rows = [
        head,
        row("1234567890123456", &cell("0.30000000000000004")),
        row("9007199254740991", &cell("1e20")),
        row("-4503599627370497", error),
    ];
    let book = workbook(&rows.concat(), "");
    let columns = r#"{ name = "id", type = "text", key = true }, { name = "n", type = "number" }"#;
    assert_eq!(
        lines("a.xlsx", &book, "", columns),
        [
            "1234567890123456|0.3",
            "9007199254740991|100000000000000000000",
            "4:error-cell"
        ]
    );
    let columns = r##"{ name = "id", type = "text", key = true }, { name = "n", type = "text", null_words = ["#n/a"] }"##;
    assert_eq!(lines("a.xlsx", &book, "", columns)[2], "-4503599627370497|");
    let of_text = r#"{ name = "id", type = "text", key = true }, { name = "n", type = "text" }"#;
    assert_eq!(lines("a.xlsx", &book, "", of_text)[2], "4:error-cell");
}

#[test]
fn serial_days_are_days_where_the_mapping_says_so() {
    let rows = format!(
        "<row>{}</row><row><c><v>46112.4375</v></c></row>",
        text("on")
    );
    let column = r#"{ name = "on", type = "timestamp" }"#;
    let stream = "dialect = { dates = [\"detect\", \"serial\"] }";
    let micros = 20_543_i64 * 86_400_000_000 + 37_800_000_000;
    assert_eq!(
        lines("a.xlsx", workbook(&rows, ""), stream, column),
        [micros.to_string()]
    );
}

#[test]
fn what_is_no_text_is_called_by_its_name() {
    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest".to_vec();
    let mut locked = old.clone();
    locked.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    for (name, bytes, words) in [
        ("a.csv", old.clone(), "an old Excel file"),
        ("a.xlsx", old, "an old Excel file (.xls)"),
        ("a.xlsx", locked, "protected by a password"),
        (
            "a.csv",
            zip(&[("mimetype", b"ods")]),
            "a ZIP archive or a workbook",
        ),
        ("a.csv", b"\x1f\x8b\x08rest".to_vec(), "a gzip file"),
        ("a.csv", b"%PDF-1.7 rest".to_vec(), "a PDF"),
        ("a.csv", b"\n <!DOCTYPE HTML><html>".to_vec(), "a web page"),
        ("a.xlsx", b"<html><table>".to_vec(), "a web page"),
        ("a.jsonl", b"\x1f\x8b\x08rest".to_vec(), "a gzip file"),
    ] {
        let error = draft(name, bytes.clone()).unwrap_err();
        assert_eq!(error.code, "other-file", "{name}: {error}");
        assert!(error.message.contains(words), "{error}");
        let host = Folder::with(name, bytes);
        let config = config_of(&mapped("", ID), "{}", &host).unwrap();
        let error = read(&host, config, all()).unwrap_err();
        assert!(
            error.message.contains(words) && error.detail.is_some(),
            "{error}"
        );
    }
}

/// A draft, and whether one of its doubts holds these words.
#[track_caller]
fn drafted(file: &str, words: &str) -> Draft {
    let draft = draft("export.csv", file.as_bytes()).unwrap();
    let is_there = draft.doubts.iter().any(|doubt| doubt.contains(words));
    assert!(is_there, "{words}: {:?}\n{}", draft.doubts, draft.toml);
    draft
}

#[test]
fn a_mark_that_may_mean_two_things_is_a_doubt_and_a_text() {
    for (file, words) in [
        (
            "id,Amount\n1,\"12,000\"\n2,\"8,500\"\n",
            "`12,000` may be 12000 or 12.000",
        ),
        (
            "id;Betrag\n1;1.200\n2;12.500\n",
            "`1.200` may be 1200 or 1.200",
        ),
    ] {
        let draft = drafted(file, words);
        assert!(
            draft.toml.contains("type = \"text\", headings"),
            "{}",
            draft.toml
        );
        let stated = draft.toml.lines().filter(|line| !line.starts_with('#'));
        assert!(
            !stated.collect::<String>().contains("decimal"),
            "{}",
            draft.toml
        );
    }
    // Another column of the file, or its script, settles it.
    for (file, key, kind) in [
        (
            "id,a,b\n1,\"12,000\",\"1,234,567\"\n",
            "thousands = [\",\"]",
            "integer",
        ),
        ("id;a;b\n1;12,000;0,5\n", "decimal = \",\"", "decimal"),
        (
            "注文番号,金額\n1,\"12,000\"\n2,\"8,800\"\n",
            "thousands = [\",\"]",
            "integer",
        ),
        (
            "id;a\n1;1.200,50\n2;12.500\n",
            "thousands = [\".\"]",
            "decimal",
        ),
    ] {
        let draft = draft("export.csv", file.as_bytes()).unwrap();
        assert!(
            draft.toml.contains(key) && draft.toml.contains(kind),
            "{file}\n{}",
            draft.toml
        );
        assert!(
            !draft.doubts.iter().any(|doubt| doubt.contains("may be")),
            "{:?}",
            draft.doubts
        );
    }
}

#[test]
fn what_a_file_does_not_say_is_a_doubt() {
    let draft = drafted(
        "id,created\n1,2026/01/05 10:00\n",
        "the times of `created` have no offset",
    );
    assert!(draft.toml.contains("\"timestamp\""), "{}", draft.toml);
    let none = tsugi_reading::draft("a.csv", &b"id,created\n1,2026-01-05T10:00:00Z\n"[..]).unwrap();
    assert!(none.doubts.is_empty(), "{:?}", none.doubts);

    let draft = drafted(
        "2000,1,2026/01/05,旅費交通費\n2000,2,2026/01/06,会議費\n",
        "looks like a record",
    );
    assert!(
        draft.toml.contains("headings = \"none\"") && draft.rows == 2,
        "{}",
        draft.toml
    );
    let years = tsugi_reading::draft("a.csv", &b"region,2024,2025\nnorth,1,2\n"[..]).unwrap();
    assert!(
        !years.toml.contains("headings = \"none\""),
        "{}",
        years.toml
    );

    let titled = "Open cases by product\nas of 2026-03-31\n\nid;product;cases\n1;boot;3\n2;shoe;5\n3;heel;1\n";
    let draft = drafted(titled, "taken for a title");
    assert!(
        draft.toml.contains("skip_lines = 3") && draft.rows == 3,
        "{}",
        draft.toml
    );

    let draft = drafted("id,Phone,phone\n1,030,017\n", "occurs more than once");
    assert!(
        draft.toml.contains("headings = [\"Phone#1\"]"),
        "{}",
        draft.toml
    );
    assert!(
        draft.toml.contains("headings = [\"phone#2\"]"),
        "{}",
        draft.toml
    );

    drafted("id,a\n1,x\n2\n3,y\n", "1 of 3 rows do not fit");
    let us = drafted("id,on\n1,3/4/26\n2,5/6/26\n", "the sample fits both");
    assert!(
        us.toml.contains("%y") && !us.toml.contains("%Y"),
        "{}",
        us.toml
    );
}

#[test]
fn every_draft_of_a_japanese_export_has_names_that_say_something() {
    let draft = draft(
        "受注.csv",
        "注文番号,顧客番号,作成日時,金額\nR-1,C-1,2026/01/05 10:00,\"12,000\"\n"
            .as_bytes()
            .to_vec(),
    )
    .unwrap();
    for name in ["order_number", "customer_number", "created_at", "amount"] {
        assert!(
            draft.toml.contains(&format!("name = \"{name}\"")),
            "{}",
            draft.toml
        );
    }
}

#[test]
fn false_among_texts_of_a_sheet_is_no_value() {
    let row = |id: &str, buyer: &str| format!("<row>{}{buyer}</row>", text(id));
    let rows = [
        row("id", &text("Customer")),
        row("S1", &text("Ada")),
        row("S2", "<c t=\"b\"><v>0</v></c>"),
    ];
    let book = workbook(&rows.concat(), "");
    let draft = draft("orders.xlsx", book.clone()).unwrap();
    assert!(
        draft.toml.contains("null_words = [\"FALSE\"]"),
        "{}",
        draft.toml
    );
    let columns = format!(
        r#"{ID}, {{ name = "buyer", type = "text", headings = ["Customer"], null_words = ["FALSE"] }}"#
    );
    assert_eq!(lines("orders.xlsx", &book, "", &columns), ["S1|Ada", "S2|"]);
}

#[test]
fn fill_never_crosses_a_key() {
    let columns = r#"{ name = "name", type = "text", key = true }, { name = "email", type = "text", fill = true }, { name = "item", type = "text" }"#;
    let file = "name,email,item\n#1000,,Lace\n#1001,anna@example.test,Boot\n#1001,,Sole\n#1002,,Boot\n#1002,,Lace\n#1003,ben@example.test,Boot\n";
    assert_eq!(
        lines("orders.csv", file, "", columns),
        [
            "#1000||Lace",
            "#1001|anna@example.test|Boot",
            "#1001|anna@example.test|Sole",
            "#1002||Boot",
            "#1002||Lace",
            "#1003|ben@example.test|Boot"
        ]
    );
}

#[test]
fn a_few_broken_rows_stop_nothing_and_a_large_share_does() {
    let columns = format!(r#"{ID}, {{ name = "n", type = "integer" }}"#);
    let rows = |good: usize, bad: usize| {
        let good = (0..good).map(|n| format!("g{n},1\n"));
        let bad = (0..bad).map(|n| format!("b{n},x\n"));
        format!("id,n\n{}", good.chain(bad).collect::<String>())
    };
    let code = |file: String, stream: &str| {
        let host = Folder::with("a.csv", file);
        let config = config_of(&mapped(stream, &columns), "{}", &host).unwrap();
        read(&host, config, all()).err().map(|error| error.code)
    };
    let stopped = Some("too-many-rejects".to_owned());
    assert_eq!(code(rows(1, 9), ""), None);
    assert_eq!(code(rows(40, 10), ""), None);
    assert_eq!(code(rows(39, 10), ""), stopped);
    assert_eq!(code(rows(900, 100), "rejects_max = \"5%\""), stopped);
    assert_eq!(code(rows(0, 30), "rejects_max = \"100%\""), None);
    let host = Folder::with("a.csv", "id\n");
    let error = config_of(&mapped("rejects_max = \"120%\"", &columns), "{}", &host).unwrap_err();
    assert!(error.to_string().contains("such as `5%`"), "{error}");
}
