//! Broken rows are counted exactly, stand where they stand in the file, and take nothing
//! else with them.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Folder, PLAIN, Read, all, config_of, mapping, read};
use tsugi_reading::{RAW_MAX_BYTES, RECORD_MAX_BYTES, StreamReader};

fn broken(text: impl Into<Vec<u8>>) -> Read {
    let host = Folder::with("a.csv", text);
    let config = config_of(&mapping("", PLAIN), "{}", &host).unwrap();
    let got = read(&host, config, all()).unwrap();
    assert_eq!(got.counts.rows as usize, got.rows.len());
    assert_eq!(got.counts.rejects as usize, got.rejects.len());
    got
}

fn places(read: &Read) -> Vec<(u64, &str, Option<&str>)> {
    read.rejects
        .iter()
        .map(|r| (r.line, r.code, r.column.as_deref()))
        .collect()
}

fn ids(read: &Read) -> Vec<&str> {
    read.rows
        .iter()
        .map(|row| row[0].as_deref().unwrap())
        .collect()
}

const HEAD: &str = "id,text,quantity,amount,day\n";

#[test]
fn every_kind_at_its_place() {
    let text = format!(
        "{HEAD}A,ok,1,1.00,2026-03-31\n\nB,\"two\nlines\",x,1.00,2026-03-31\nC,short\nD,a,1,1.00,2026-03-31,more\n\
         ,no key,1,1.00,2026-03-31\nE,a,1,1.005,2026-03-31\nF,a,1,1.00,31.02.2026\n   \nG,\"a\"b,1,1.00,2026-03-31\nH,ok,,,\n"
    );
    let got = broken(text.clone());
    assert_eq!(ids(&got), ["A", "H"]);
    assert_eq!(got.rows[1][6].as_deref(), Some("13"));
    assert_eq!(
        places(&got),
        [
            (4, "bad-number", Some("quantity")),
            (6, "too-few-fields", None),
            (7, "too-many-fields", None),
            (8, "missing-key", Some("id")),
            (9, "bad-number", Some("amount")),
            (10, "bad-date", Some("day")),
            (12, "bad-quote", None),
        ]
    );
    assert_eq!(got.rejects[0].raw, "B,\"two\nlines\",x,1.00,2026-03-31");
    assert_eq!(got.rejects[0].file, "a.csv");
    assert_eq!(got.counts.blanks, 2);
    assert!(
        got.rejects
            .iter()
            .all(|r| text.contains(&r.raw) && !r.reason.is_empty())
    );
}

#[test]
fn an_open_quote_takes_its_own_line_only() {
    // Closed by the next quoted field; open to the end of the file; every line quoted.
    let closed_later = format!(
        "{HEAD}A,\"open,1,1.00,2026-03-31\nB,x,1,1.00,2026-03-31\nC,\"fine\",1,1.00,2026-03-31\n"
    );
    let got = broken(closed_later);
    assert_eq!(
        (ids(&got), places(&got)),
        (vec!["B", "C"], vec![(2, "unclosed-quote", None)])
    );
    let to_the_end =
        format!("{HEAD}A,\"open,1,1.00,2026-03-31\nB,x,1,1.00,2026-03-31\nC,x,1,1.00,2026-03-31");
    let got = broken(to_the_end);
    assert_eq!(
        (ids(&got), places(&got)),
        (vec!["B", "C"], vec![(2, "unclosed-quote", None)])
    );
    let quoted = format!(
        "{HEAD}\"A\",\"open,\"1\",\"1.00\",\"2026-03-31\"\n\"B\",\"x\",\"1\",\"1.00\",\"2026-03-31\"\n"
    );
    let got = broken(quoted);
    assert_eq!(
        (ids(&got), places(&got)),
        (vec!["B"], vec![(2, "bad-quote", None)])
    );
    let right_number_of_fields =
        "id,text,quantity,amount,day\nA,x,1,1.00,\"2026-03-31\nB,\"y\",1,1.00,2026-03-31\n";
    let got = broken(right_number_of_fields);
    assert_eq!(
        (ids(&got), places(&got)),
        (vec!["B"], vec![(2, "unclosed-quote", None)])
    );
}

#[test]
fn an_open_quote_before_megabytes() {
    let mut text = format!("{HEAD}A,\"open,1,1.00,2026-03-31\n");
    for i in 0..100_000 {
        text.push_str(&format!("B-{i},x,1,1.00,2026-03-31\n"));
    }
    assert!(text.len() > 2 * RECORD_MAX_BYTES);
    let got = broken(text);
    assert_eq!(got.rows.len(), 100_000);
    assert_eq!(got.rows[99_999][6].as_deref(), Some("100002"));
    assert_eq!(places(&got), [(2, "unclosed-quote", None)]);
}

#[test]
fn a_record_too_long_is_cut_short() {
    let emoji = "😀".repeat(600_000);
    let text = format!(
        "{HEAD}A,{emoji},1,1.00,2026-03-31\nB,\"{emoji}\",1,1.00,2026-03-31\nC,x,1,1.00,2026-03-31\n"
    );
    let got = broken(text);
    assert_eq!(ids(&got), ["C"]);
    assert_eq!(got.rows[0][6].as_deref(), Some("4"));
    assert_eq!(
        places(&got),
        [(2, "record-too-long", None), (3, "unclosed-quote", None)]
    );
    assert!(
        got.rejects
            .iter()
            .all(|r| r.raw.len() <= RAW_MAX_BYTES && r.raw.ends_with('😀'))
    );
}

#[test]
fn a_text_just_below_the_bound_is_read() {
    let long = "あ".repeat(340_000);
    let got = broken(format!(
        "{HEAD}A,\"{long}\n\",1,1.00,2026-03-31\nB,x,1,1.00,2026-03-31\n"
    ));
    assert_eq!((ids(&got), got.rejects.len()), (vec!["A", "B"], 0));
    assert_eq!(got.rows[0][1].as_ref().unwrap().len(), long.len() + 1);
}

#[test]
fn quotes_made_to_be_read_again_and_again_end_in_time() {
    // From any of these lines on, a quote stays open for a megabyte.
    let mut text = HEAD.to_owned();
    text.push_str(&"a\",\",b\n".repeat(1_500_000));
    let started = std::time::Instant::now();
    let got = broken(text);
    assert!(got.rows.is_empty() && got.rejects.len() > 1);
    assert!(
        got.rejects
            .iter()
            .any(|r| r.reason.contains("line(s) behind it"))
    );
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn bytes_of_another_encoding() {
    let mut text = HEAD.as_bytes().to_vec();
    text.extend_from_slice("A,日本,1,1.00,2026-03-31\nB,".as_bytes());
    text.extend_from_slice(&[0xff, 0xfe]);
    text.extend_from_slice(
        ",1,1.00,2026-03-31\nC,\u{fffd} was lost before,1,1.00,2026-03-31\n".as_bytes(),
    );
    let host = Folder::with("a.csv", text);
    let config = config_of(&mapping("encoding = \"utf-8\"", PLAIN), "{}", &host).unwrap();
    let got = read(&host, config, all()).unwrap();
    assert_eq!(ids(&got), ["A", "C"]);
    assert_eq!(places(&got), [(3, "bad-encoding", None)]);
}

#[test]
fn a_column_of_another_type_is_reported() {
    let mut text = HEAD.to_owned();
    for i in 0..20 {
        text.push_str(&format!("A{i},x,some,1.00,2026-03-31\n"));
    }
    let host = Folder::with("a.csv", text);
    let strict = mapping("", PLAIN).replace("rejects_max = \"100%\"\n", "");
    let error = read(&host, config_of(&strict, "{}", &host).unwrap(), all()).unwrap_err();
    assert_eq!(error.code, "too-many-rejects");
    let words = "`a.csv`: 20 of 20 rows could not be read, more than 20 %; the first, line 2: `some` is no whole number";
    assert_eq!(error.message, words);
    host.take_notices();
    host.take_rejects();
    let config = config_of(&mapping("", PLAIN), "{}", &host).unwrap();
    assert_eq!(read(&host, config, all()).unwrap().counts.rejects, 20);
    let notices = host.take_notices();
    assert!(
        notices
            .iter()
            .any(|(code, message)| code == "type-drift" && message.contains("`quantity`")),
        "{notices:?}"
    );
}

#[test]
fn rejects_end_a_step_before_they_are_too_many() {
    let host = Folder::with("a.csv", format!("{HEAD}{}", "x\n".repeat(20_000)));
    let config = config_of(&mapping("", PLAIN), "{}", &host).unwrap();
    let mut reader = StreamReader::open(host.clone(), config, all()).unwrap();
    let mut reported = 0;
    loop {
        let step = reader.next_step().unwrap();
        let rejects = host.take_rejects().len();
        assert!(rejects <= 4096, "{rejects} in one step");
        reported += rejects;
        if step.done {
            break;
        }
    }
    assert_eq!(reported, 20_000);
}
