//! Random bytes and random dialects: typed results only, nothing lost, nothing unbounded.

mod common;

use common::{Folder, PLAIN, all, config_of, mapping, read};
use proptest::prelude::*;
use tsugi_reading::host::RAW_MAX_BYTES;
use tsugi_reading::step::Request;

/// Pieces that mean something to a reader, and plain noise.
fn piece() -> impl Strategy<Value = Vec<u8>> {
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
        "日本".as_bytes(),
        b"\x93\xfa\x96\x7b",
        b"\xc6\xfc",
        b"id,text,quantity,amount,day\n",
        b"\xe3\x80",
        b"99999999999999999999",
        b"-",
        b"\xf0\x9f\x98\x80",
    ];
    prop_oneof![
        4 => proptest::sample::select(telling).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

fn dialect() -> impl Strategy<Value = String> {
    let encoding = proptest::sample::select(vec![
        "detect",
        "utf-8",
        "shift_jis",
        "euc-jp",
        "utf-16le",
        "utf-16be",
        "windows-1252",
        "gb18030",
        "big5",
    ]);
    let delimiter = proptest::sample::select(vec!["detect", ",", ";", "tab", "|"]);
    let decimal = proptest::sample::select(vec![".", ",", "detect"]);
    (encoding, delimiter, decimal).prop_map(|(e, d, m)| {
        format!("encoding = \"{e}\"\ndelimiter = \"{d}\"\ndecimal = \"{m}\"\nthousands = [\"'\"]")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default() })]

    #[test]
    fn bytes_of_any_kind(
        pieces in proptest::collection::vec(piece(), 0..60),
        headed in any::<bool>(),
        dialect in dialect(),
        chunk in 1_usize..50,
        max_rows in 1_u32..9,
        json in any::<bool>(),
    ) {
        let head: &[u8] = if headed { b"id,text,quantity,amount,day\n" } else { b"" };
        let bytes = [head, &pieces.concat()].concat();
        let size = bytes.len();
        let host = Folder::with("a.csv", bytes).chunk_bytes(chunk);
        let mut text = mapping(&dialect, PLAIN);
        if json {
            text = text.replace("columns =", "format = \"jsonl\"\ncolumns =");
        }
        let config = config_of(&text, "{}", &host).unwrap();
        let request = Request { max_rows, checkpoint_rows: 1, ..all() };
        match read(&host, config.clone(), request.clone()) {
            Err(error) => prop_assert!(["missing-heading", "duplicate-heading", "empty-file", "bad-heading-row"].contains(&error.code.as_str()), "{error}"),
            Ok(whole) => {
                prop_assert_eq!(whole.rows.len() as u64, whole.counts.rows);
                prop_assert_eq!(whole.rejects.len() as u64, whole.counts.rejects);
                prop_assert!(whole.rejects.iter().all(|r| r.line > 0 && r.raw.len() <= RAW_MAX_BYTES && !r.code.is_empty()));
                prop_assert!(whole.largest_step_bytes <= 64 * 1024 + 4 * size);
                for (rows, _, state) in &whole.checkpoints {
                    let rest = read(&host, config.clone(), Request { since: Some(state.clone()), ..request.clone() }).unwrap();
                    prop_assert_eq!(&rest.rows[..], &whole.rows[*rows..]);
                }
            }
        }
    }

    /// A table written in any dialect is read back as it was, its broken rows counted.
    #[test]
    fn tables_of_any_dialect(
        cells in proptest::collection::vec(("[a-z0-9]{1,6}", "[ -~ぁ-んア-ヶ一-龥\r\n\"]{0,12}", any::<i32>(), any::<bool>()), 0..40),
        delimiter in proptest::sample::select(vec![',', ';', '\t', '|']),
        end in proptest::sample::select(vec!["\n", "\r\n"]),
        encoding in proptest::sample::select(vec!["utf-8", "shift_jis", "euc-jp", "utf-16le"]),
        chunk in 1_usize..200,
    ) {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut text = ["id", "text", "quantity", "amount", "day"].join(&delimiter.to_string()) + end;
        let mut wanted = Vec::new();
        for (id, note, number, sound) in &cells {
            let day = if *sound { "2026-03-31" } else { "2026-02-31" };
            text += &[quoted(id), quoted(note), number.to_string(), String::new(), day.to_owned()].join(&delimiter.to_string());
            text += end;
            if *sound {
                wanted.push((Some(id.clone()), (!note.trim().is_empty()).then(|| note.clone()), Some(number.to_string())));
            }
        }
        let label = encoding_rs::Encoding::for_label(encoding.as_bytes()).unwrap();
        let bytes = if encoding == "utf-16le" {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            label.encode(&text).0.into_owned()
        };
        let host = Folder::with("a.csv", bytes).chunk_bytes(chunk);
        let config = config_of(&mapping(&format!("encoding = \"{encoding}\""), PLAIN), "{}", &host).unwrap();
        let got = read(&host, config, all()).unwrap();
        let rows: Vec<_> = got.rows.iter().map(|r| (r[0].clone(), r[1].clone(), r[2].clone())).collect();
        // Characters that the encoding lacks become references when written; such texts are not compared.
        if label.encode(&text).2 && encoding != "utf-16le" {
            prop_assert_eq!(rows.len(), wanted.len());
        } else {
            prop_assert_eq!(rows, wanted);
        }
        prop_assert_eq!(got.counts.rows + got.counts.rejects, cells.len() as u64);
        prop_assert!(got.rejects.iter().all(|r| r.code == "bad-date"));
    }
}
