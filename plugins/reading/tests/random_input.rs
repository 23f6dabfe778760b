//! Random bytes and random dialects: typed results only, nothing lost, nothing unbounded.
//!
//! Every case has a seed of its own; a failure names it.

mod common;
#[path = "common/packed.rs"]
mod packed;

use common::{Folder, PLAIN, all, config_of, mapping, read};
use fastrand::Rng;
use tsugi_reading::{RAW_MAX_BYTES, Request};

/// 100,000 cases together.
const CASES: u64 = 50_000;
const TABLES: u64 = 20_000;
const PACKED_CASES: u64 = 30_000;

/// Pieces that mean something to a reader, and plain noise.
fn piece(rng: &mut Rng) -> Vec<u8> {
    let telling: Vec<&[u8]> = vec![
        b"\"",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r\n",
        b"\r",
        b"\"\"",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\0",
        b"2026-03-31",
        b"1.5",
        b"1,5",
        b"A-1,x,1,1.00,2026-03-31\n",
        b"\"A-2\",\"x\ny\",1,1,2026-03-31\n",
        b"sep=;\n",
        b"{\"id\":\"A\"}\n",
        b"{",
        b"}",
        b"[",
        b"]",
        b"\"a\":",
        b"{\"a\":{\"b\":[",
        b"\\",
        b"\x01",
        "日本".as_bytes(),
        b"\x93\xfa\x96\x7b",
        b"\xc6\xfc",
        b"id,text,quantity,amount,day\n",
        b"\xe3\x80",
        b"99999999999999999999",
        b"-",
        b"\xf0\x9f\x98\x80",
    ];
    if rng.u8(0..5) < 4 {
        return one(rng, &telling).to_vec();
    }
    (0..rng.usize(0..40)).map(|_| rng.u8(..)).collect()
}

fn one<'a, T: ?Sized>(rng: &mut Rng, choices: &[&'a T]) -> &'a T {
    choices[rng.usize(..choices.len())]
}

fn dialect(rng: &mut Rng) -> String {
    let encodings = [
        "detect",
        "utf-8",
        "shift_jis",
        "euc-jp",
        "utf-16le",
        "utf-16be",
        "windows-1252",
        "gb18030",
        "big5",
    ];
    let encoding = one(rng, &encodings);
    let delimiter = one(rng, &["detect", ",", ";", "tab", "|"]);
    let decimal = one(rng, &[".", ",", "detect"]);
    format!(
        "encoding = \"{encoding}\"\ndelimiter = \"{delimiter}\"\ndecimal = \"{decimal}\"\nthousands = [\"'\"]"
    )
}

#[test]
fn bytes_of_any_kind() {
    for seed in 0..CASES {
        let rng = &mut Rng::with_seed(seed);
        let pieces: Vec<Vec<u8>> = (0..rng.usize(0..60)).map(|_| piece(rng)).collect();
        let headed = rng.bool();
        let head: &[u8] = if headed {
            b"id,text,quantity,amount,day\n"
        } else {
            b""
        };
        let bytes = [head, &pieces.concat()].concat();
        let size = bytes.len();
        let mut text = mapping(&dialect(rng), PLAIN);
        let host = Folder::with("a.csv", bytes).chunk_bytes(rng.usize(1..50));
        match rng.u8(0..5) {
            0 => text = text.replace("columns =", "format = \"jsonl\"\ncolumns ="),
            1 => text = text.replace("columns =", "format = \"json\"\ncolumns ="),
            2 => {
                text = text.replace(
                    "columns =",
                    "format = \"json\"\nrecords = \"a.b\"\ncolumns =",
                )
            }
            _ => {}
        }
        let config = config_of(&text, "{}", &host).unwrap();
        let request = Request {
            max_rows: rng.u32(1..9),
            checkpoint_rows: 1,
            ..all()
        };
        match read(&host, config.clone(), request.clone()) {
            Err(error) => {
                let known = [
                    "missing-heading",
                    "duplicate-heading",
                    "empty-file",
                    "bad-heading-row",
                    "missing-records",
                ];
                assert!(known.contains(&error.code.as_str()), "seed {seed}: {error}");
            }
            Ok(whole) => {
                assert_eq!(whole.rows.len() as u64, whole.counts.rows, "seed {seed}");
                assert_eq!(
                    whole.rejects.len() as u64,
                    whole.counts.rejects,
                    "seed {seed}"
                );
                let placed = whole
                    .rejects
                    .iter()
                    .all(|r| r.line > 0 && r.raw.len() <= RAW_MAX_BYTES && !r.code.is_empty());
                assert!(placed, "seed {seed}");
                assert!(
                    whole.largest_step_bytes <= 64 * 1024 + 4 * size,
                    "seed {seed}"
                );
                // One checkpoint a case, so that many cases stay quick.
                let one = rng.usize(..whole.checkpoints.len());
                if let Some((rows, _, state)) = whole.checkpoints.get(one) {
                    let since = Request {
                        since: Some(state.clone()),
                        ..request.clone()
                    };
                    let rest = read(&host, config.clone(), since).unwrap();
                    assert_eq!(&rest.rows[..], &whole.rows[*rows..], "seed {seed}");
                }
            }
        }
    }
}

/// A short text of letters of several scripts, line ends and quotes.
fn note(rng: &mut Rng) -> String {
    let ranges = [
        ' '..='~',
        'ぁ'..='ん',
        'ア'..='ヶ',
        '一'..='龥',
        '\r'..='\r',
        '\n'..='\n',
        '"'..='"',
    ];
    let mut text = String::new();
    for _ in 0..rng.usize(0..=12) {
        let range = ranges[rng.usize(..ranges.len())].clone();
        text.push(rng.char(range));
    }
    text
}

/// A table written in any dialect is read back as it was, its broken rows counted.
#[test]
fn tables_of_any_dialect() {
    for seed in 0..TABLES {
        let rng = &mut Rng::with_seed(seed);
        let delimiter = one(rng, &[",", ";", "\t", "|"]);
        let end = one(rng, &["\n", "\r\n"]);
        let encoding = one(rng, &["utf-8", "shift_jis", "euc-jp", "utf-16le"]);
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut text = ["id", "text", "quantity", "amount", "day"].join(delimiter) + end;
        let mut wanted = Vec::new();
        let rows = rng.u64(0..40);
        for _ in 0..rows {
            let id: String = (0..rng.usize(1..=6)).map(|_| rng.alphanumeric()).collect();
            let (note, number, sound) = (note(rng), rng.i32(..), rng.bool());
            let day = if sound { "2026-03-31" } else { "2026-02-31" };
            let cells = [
                quoted(&id),
                quoted(&note),
                number.to_string(),
                String::new(),
                day.to_owned(),
            ];
            text += &cells.join(delimiter);
            text += end;
            if sound {
                let kept = (!note.trim().is_empty()).then_some(note);
                wanted.push((Some(id), kept, Some(number.to_string())));
            }
        }
        let label = encoding_rs::Encoding::for_label(encoding.as_bytes()).unwrap();
        let bytes = if encoding == "utf-16le" {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            label.encode(&text).0.into_owned()
        };
        let host = Folder::with("a.csv", bytes).chunk_bytes(rng.usize(1..200));
        let mapping = mapping(&format!("encoding = \"{encoding}\""), PLAIN);
        let got = read(&host, config_of(&mapping, "{}", &host).unwrap(), all()).unwrap();
        let found: Vec<_> = got
            .rows
            .iter()
            .map(|r| (r[0].clone(), r[1].clone(), r[2].clone()))
            .collect();
        // Characters that the encoding lacks become references when written; such texts are not
        // compared.
        if label.encode(&text).2 && encoding != "utf-16le" {
            assert_eq!(found.len(), wanted.len(), "seed {seed}");
        } else {
            assert_eq!(found, wanted, "seed {seed}");
        }
        assert_eq!(got.counts.rows + got.counts.rejects, rows, "seed {seed}");
        assert!(
            got.rejects.iter().all(|r| r.code == "bad-date"),
            "seed {seed}"
        );
    }
}

/// Parts of a sheet that mean something, put together without sense.
fn sheet_of(rng: &mut Rng) -> String {
    let telling = [
        "<row>",
        "<row r=\"3\">",
        "<row r=\"99999999999\">",
        "<row/>",
        "</row>",
        "<c>",
        "<c r=\"B7\" s=\"1\">",
        "<c r=\"ZZZZZZ1\">",
        "<c r=\"1A\">",
        "<c t=\"s\">",
        "<c t=\"inlineStr\">",
        "<c t=\"b\">",
        "<c t=\"e\">",
        "<c t=\"d\">",
        "<c s=\"2\">",
        "<c s=\"99\">",
        "</c>",
        "<v>",
        "</v>",
        "<v>1</v>",
        "<v>-1e308</v>",
        "<v>46112.5</v>",
        "<v>99999999999999999999</v>",
        "<is><t>A</t></is>",
        "<f>SUM(A1)</f>",
        "<",
        ">",
        "&amp;",
        "&#1;",
        "&bad;",
        "\u{1}",
        "text",
        "<!--",
        "-->",
        "</sheetData>",
    ];
    let count = rng.usize(0..40);
    (0..count).map(|_| one(rng, &telling)).collect()
}

/// Packed files, workbooks and their parts with bytes changed: errors that are known, or rows.
#[test]
fn packed_files_of_any_kind() {
    let known = [
        "bad-archive",
        "bad-workbook",
        "workbook-too-large",
        "missing-sheet",
        "empty-file",
        "missing-heading",
        "duplicate-heading",
        "bad-heading-row",
        "no-file",
    ];
    let table = b"id,text,quantity,amount,day\nA-1,x,1,1.00,2026-03-31\nA-2,x,1,1.00,2026-03-31\n";
    let cells = ["A-1", "x", "1", "1.00", "2026-03-31"].map(packed::text);
    let book = packed::workbook(
        &format!("{}<row>{}</row>", packed::head(), cells.concat()),
        "",
    );
    let kinds: [(&str, Vec<u8>); 3] = [
        ("a.csv.gz", packed::gzip(table)),
        ("a.zip", packed::zip(&[("a.csv", table), ("b.csv", table)])),
        ("a.xlsx", book),
    ];
    let mapping = mapping("", PLAIN).replace(
        "files = [\"*.csv\"]",
        "files = [\"*.csv\", \"*.xlsx\", \"*.zip/*\"]\noptional = true",
    );
    let mut read_whole = 0;
    for seed in 0..PACKED_CASES {
        let rng = &mut Rng::with_seed(seed);
        let (name, mut bytes) = kinds[rng.usize(..kinds.len())].clone();
        if rng.u8(0..4) == 0 {
            let head = if rng.bool() {
                packed::head()
            } else {
                String::new()
            };
            let rows = format!("{head}{}", sheet_of(rng));
            let texts = if rng.bool() {
                "<si><t>A</t></si>".to_owned()
            } else {
                sheet_of(rng)
            };
            bytes = packed::workbook(&rows, &texts);
        } else {
            for _ in 0..rng.usize(0..4) {
                let at = rng.usize(..bytes.len());
                bytes[at] = rng.u8(..);
            }
            if rng.u8(0..4) == 0 {
                bytes.truncate(rng.usize(..bytes.len()));
            }
        }
        let name = if bytes.starts_with(b"PK") && name.ends_with("gz") {
            "a.xlsx"
        } else {
            name
        };
        let host = Folder::with(name, bytes).chunk_bytes(rng.usize(1..5_000));
        let config = config_of(&mapping, "{}", &host).unwrap();
        match read(&host, config, all()) {
            Ok(got) => {
                read_whole += 1;
                assert_eq!(got.rejects.len() as u64, got.counts.rejects, "seed {seed}");
            }
            Err(error) => {
                assert!(known.contains(&error.code.as_str()), "seed {seed}: {error}");
            }
        }
    }
    // Most changes do not leave a sound file; some do, so both ways are seen.
    assert!(read_whole > PACKED_CASES / 20, "{read_whole}");
}
