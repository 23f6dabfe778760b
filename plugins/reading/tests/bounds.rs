//! Input that is made to fill memory or time: each ends with a clear error or clear rejects,
//! within seconds and within what one instance may hold.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/packed.rs"]
mod packed;

use std::time::{Duration, Instant};

use common::{Folder, PLAIN, Read, all, config_of, mapping};
use packed::{gzip, head, sheet, text, workbook, workbook_of, zip};
use tsugi_reading::{ReadError, Result, StreamReader};

const HEAD: &str = "id,text,quantity,amount,day\n";
/// On a busy machine; alone each takes far less.
const PATIENCE: Duration = Duration::from_secs(30);

fn any() -> String {
    mapping("", PLAIN).replace("\"*.csv\"", "\"*.{csv,json,jsonl,xlsx}\", \"*.zip/*\"")
}

fn run(name: &str, bytes: Vec<u8>) -> Result<Read> {
    let host = Folder::with(name, bytes);
    let started = Instant::now();
    let got = common::read(&host, config_of(&any(), "{}", &host).unwrap(), all());
    assert!(
        started.elapsed() < PATIENCE,
        "{name}: {:?}",
        started.elapsed()
    );
    got
}

fn refused(name: &str, bytes: Vec<u8>) -> ReadError {
    run(name, bytes).unwrap_err()
}

/// One byte again and again, packed as small as it gets, without ever being held unpacked.
fn bomb_of(head: &str, byte: u8, bytes: u64) -> Vec<u8> {
    use std::io::Write;
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(head.as_bytes()).unwrap();
    let block = vec![byte; 1 << 20];
    for _ in 0..bytes >> 20 {
        out.write_all(&block).unwrap();
    }
    out.finish().unwrap()
}

#[test]
fn packed_files_that_unpack_to_far_too_much() {
    for byte in [b'x', b'\n', b'"', 0] {
        let bomb = bomb_of(HEAD, byte, 96 << 20);
        assert!(bomb.len() < 1 << 20);
        let error = refused("a.csv.gz", bomb.clone());
        assert_eq!(
            (error.code.as_str(), error.at.as_deref()),
            ("unpacks-too-large", Some("a.csv.gz"))
        );
        // A bomb in a bomb.
        let error = refused("a.zip", zip(&[("a.csv.gz", &bomb)]));
        assert_eq!(error.code, "unpacks-too-large");
    }
    // The same bytes as members of a ZIP, and many of them as rows.
    let lines = "C-1,x,1,1.00,2026-03-31\n".repeat(200_000);
    assert_eq!(
        run("a.csv.gz", gzip(format!("{HEAD}{lines}").as_bytes()))
            .unwrap()
            .counts
            .rows,
        200_000
    );
    let spaces = [HEAD.as_bytes(), &vec![b' '; 96 << 20]].concat();
    let bomb = zip(&[("a.csv", &spaces)]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(refused("a.zip", bomb).code, "unpacks-too-large");
}

#[test]
fn a_zip_that_states_what_it_does_not_hold() {
    let whole = zip(&[("a.csv", HEAD.as_bytes())]);
    let end = whole.len() - 22;
    for (at, bytes) in [(12, [0xff; 4].as_slice()), (16, &[0xff; 4]), (20, &[9, 0])] {
        let mut false_end = whole.clone();
        false_end[end + at..end + at + bytes.len()].copy_from_slice(bytes);
        assert_eq!(refused("a.zip", false_end).code, "bad-archive", "{at}");
    }
    // A wide end that states a thousand million members.
    let mut wide = whole[..end].to_vec();
    let place = wide.len() as u64;
    wide.extend(b"PK\x06\x06");
    wide.extend([0; 28]);
    wide.extend(1_000_000_000_u64.to_le_bytes());
    wide.extend([0; 16]);
    wide.extend(b"PK\x06\x07\0\0\0\0");
    wide.extend(place.to_le_bytes());
    wide.extend([1, 0, 0, 0]);
    wide.extend(&whole[end..]);
    let error = refused("a.zip", wide);
    assert!(
        error.message.contains("more than 100000 members"),
        "{error}"
    );
}

#[test]
fn workbooks_that_are_made_to_fill_memory() {
    // A million blank rows, written out, and then one row.
    let blank: String = (2..1_000_002)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" s=\"1\"/></row>"))
        .collect();
    let last = format!("<row>{}</row>", text("C-1"));
    let got = run("a.xlsx", workbook(&format!("{}{blank}{last}", head()), "")).unwrap();
    assert_eq!((got.counts.rows, got.counts.blanks), (1, 1_000_000));
    assert_eq!(got.rows[0][6].as_deref(), Some("1000002"));

    let far = format!(
        "{}<row r=\"4294967295\"><c r=\"XFD4294967295\"><v>1</v></c></row>",
        head()
    );
    assert_eq!(refused("a.xlsx", workbook(&far, "")).code, "bad-workbook");
    let back = format!("{}<row r=\"1\">{}</row>", head(), text("x"));
    assert_eq!(refused("a.xlsx", workbook(&back, "")).code, "bad-workbook");

    // One cell of many megabytes, in one piece, in pieces, and hidden in a comment.
    let long = "x".repeat(3 << 20);
    let pieces = "<r><t>x</t></r>".repeat(200_000);
    let comment = format!("<!-- {} -->", "<c>".repeat(1 << 20));
    for inside in [
        text(&long),
        format!("<c t=\"inlineStr\"><is>{pieces}</is></c>"),
        comment,
    ] {
        let error = refused(
            "a.xlsx",
            workbook(&format!("{}<row>{inside}</row>", head()), ""),
        );
        assert_eq!(error.code, "workbook-too-large");
    }
    // A row that is longer than a record is refused alone.
    let wide: String = (0..60).map(|_| text(&"x".repeat(30_000))).collect();
    let rows = format!("{}<row>{wide}</row><row>{}</row>", head(), text("C-1"));
    let got = run("a.xlsx", workbook(&rows, "")).unwrap();
    let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.code)).collect();
    assert_eq!((got.counts.rows, places), (1, vec![(2, "record-too-long")]));

    // Texts that are stated and not there, and texts that are too many.
    let stated = "</sst><sst uniqueCount=\"99999999999999\">";
    assert_eq!(
        refused("a.xlsx", workbook(&head(), stated)).code,
        "workbook-too-large"
    );
    let texts = "<si><t/></si>".repeat(6_000_000);
    assert_eq!(
        refused("a.xlsx", workbook(&head(), &texts)).code,
        "workbook-too-large"
    );
    // A sheet of 96 MB that packs to a few hundred kB.
    let bomb = sheet(&format!("<row>{}</row>", " ".repeat(96 << 20)));
    let error = refused("a.xlsx", workbook_of(&bomb, ""));
    assert!(
        ["unpacks-too-large", "workbook-too-large"].contains(&error.code.as_str()),
        "{error}"
    );
}

#[test]
fn json_that_is_deep_or_long_or_open() {
    let deep = "[".repeat(5_000_000);
    let got = run("a.json", deep.into_bytes()).unwrap();
    assert!(got.rows.is_empty() && got.counts.rejects >= 1);
    let long = format!(
        "[{{\"id\": \"{}\"}}, {{\"id\": \"C-1\"}}]",
        "x".repeat(20 << 20)
    );
    let got = run("a.json", long.into_bytes()).unwrap();
    let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.code)).collect();
    assert_eq!((got.counts.rows, places), (1, vec![(1, "record-too-long")]));
    let open = format!("[{{\"id\": \"{}", "\\\"".repeat(1 << 20));
    assert_eq!(run("a.json", open.into_bytes()).unwrap().counts.rows, 0);
}

#[test]
fn text_that_is_hardly_any() {
    let emoji = "😀".repeat(250_000);
    let got = run(
        "a.csv",
        format!("{HEAD}C-1,{emoji},1,1,2026-03-31\nC-2,ok,1,1,2026-03-31\n").into_bytes(),
    )
    .unwrap();
    assert_eq!(
        (got.counts.rows, got.rows[0][1].as_deref()),
        (2, Some(emoji.as_str()))
    );
    let control: String = (1..32_u8)
        .filter(|b| !matches!(b, 10 | 13))
        .map(char::from)
        .collect();
    let got = run(
        "a.csv",
        format!("{HEAD}C-1,a{control}b,1,1,2026-03-31\n").into_bytes(),
    )
    .unwrap();
    assert_eq!(got.rejects, []);
    assert_eq!(
        got.rows[0][1].as_deref(),
        Some(format!("a{control}b").as_str())
    );
    let mixed = [
        HEAD.as_bytes(),
        "C-1,日本 Zürich русский עברית,1,1,2026-03-31\nC-2,".as_bytes(),
        b"\xff\xfe\x80,1,1,2026-03-31\n",
    ]
    .concat();
    let got = run("a.csv", mixed).unwrap();
    assert_eq!((got.counts.rows, got.rejects[0].code), (1, "bad-encoding"));
    for empty in ["a.csv", "a.xlsx", "a.csv.gz", "a.zip"] {
        assert!(run(empty, Vec::new()).is_err(), "{empty}");
    }
    assert_eq!(run("a.json", Vec::new()).unwrap().counts.rows, 0);
}

/// The reader holds no more for a file of a gigabyte than for one of a hundred megabytes: what
/// it keeps between two steps is bounded by constants.
#[test]
fn a_step_takes_a_bounded_part_of_a_file() {
    let line = "C-1,\"two\nlines\",1,1.00,2026-03-31\n";
    let host = Folder::with(
        "a.csv.gz",
        gzip(format!("{HEAD}{}", line.repeat(300_000)).as_bytes()),
    );
    let mut reader =
        StreamReader::open(host.clone(), config_of(&any(), "{}", &host).unwrap(), all()).unwrap();
    let (mut rows, mut steps) = (0, 0);
    loop {
        let step = reader.next_step().unwrap();
        if let Some(batch) = &step.rows {
            assert!(batch.buffers.iter().map(Vec::capacity).sum::<usize>() < 16 << 20);
            rows += u64::from(batch.count);
        }
        steps += 1;
        if step.done {
            break;
        }
    }
    assert_eq!(rows, 300_000);
    assert!(steps > 30, "{steps}");
}

/// Two programs that look at such a ZIP see different rows.
#[test]
fn two_members_of_one_name_are_refused() {
    let table = format!("{HEAD}C-1,x,1,1.00,2026-03-31\n");
    let mut zipped = zip(&[("a.csv", table.as_bytes()), ("b.csv", table.as_bytes())]);
    for at in 0..zipped.len() - 5 {
        if zipped[at..].starts_with(b"b.csv") {
            zipped[at] = b'a';
        }
    }
    let error = refused("a.zip", zipped);
    assert_eq!(error.code, "bad-archive");
    let detail = format!("{error} {:?}", error.detail);
    assert!(
        detail.contains("several of its members have one name"),
        "{detail}"
    );
}
