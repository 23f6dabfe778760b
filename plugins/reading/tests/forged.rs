//! Forged mappings, checkpoints and archives: a valid one, changed in a few places. Nothing panics, and what is
//! refused is refused with a code and a sentence.
//!
//! A thousandth of `TSUGI_FUZZ_CASES` of each are tried, `TSUGI_FUZZ_SEED` where they start; a failure prints
//! its seed.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/packed.rs"]
mod packed;

use common::{Folder, PLAIN, all, config_of, mapping, read};
use fastrand::Rng;
use tsugi_reading::{FileState, Request, STATE_VERSION, State, load};

const MAPPINGS: [&str; 4] = [
    include_str!("../../crm-export/mappings/neutral-crm.toml"),
    include_str!("../../crm-export/mappings/kintone.toml"),
    include_str!("../../erp-export/mappings/sap.toml"),
    include_str!("../../erp-export/mappings/odoo.toml"),
];

fn setting(name: &str, default: u64) -> u64 {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    set.unwrap_or(default)
}

/// One of these takes as long as so many batches of the other forgeries.
const COST: u64 = 1_000;

/// Runs every case under a seed of its own.
fn each(case: impl Fn(&mut Rng)) {
    let first = setting("TSUGI_FUZZ_SEED", 1);
    for seed in first..first + setting("TSUGI_FUZZ_CASES", 2_000_000).div_ceil(COST) {
        let run = std::panic::AssertUnwindSafe(|| case(&mut Rng::with_seed(seed)));
        assert!(
            std::panic::catch_unwind(run).is_ok(),
            "TSUGI_FUZZ_SEED={seed} TSUGI_FUZZ_CASES=1"
        );
    }
}

/// A byte changed, removed, doubled or put in, a piece repeated, or the end cut off.
fn spoil(rng: &mut Rng, bytes: &mut Vec<u8>) {
    for _ in 0..rng.usize(..5) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.usize(..bytes.len());
        match rng.u8(..8) {
            0 => bytes[at] = rng.u8(..),
            1 => bytes[at] ^= 1 << rng.u8(..8),
            2 => bytes.insert(at, *rng.choice(b"\"=[]{}.,:#\n\0\xff9-").unwrap()),
            3 => drop(bytes.remove(at)),
            4 if rng.u8(..4) == 0 => bytes.truncate(at),
            // A number becomes another one, as large as it may be.
            5 if bytes[at].is_ascii_digit() => {
                let other = ["18446744073709551615", "-1", "0", "1e308"][rng.usize(..4)];
                bytes.splice(at..=at, other.bytes());
            }
            _ => {
                let end = (at + rng.usize(..40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = rng.usize(..=bytes.len());
                bytes.splice(to..to, piece);
            }
        }
    }
}

#[test]
fn forged_mappings_are_taken_or_refused_in_words() {
    each(|rng| {
        // A part of one, so that most changes meet something that is read.
        let whole = *rng.choice(&MAPPINGS).unwrap();
        let sections: Vec<&str> = whole.split("\n[streams.").collect();
        let chosen = sections[rng.usize(..sections.len())];
        let text = match rng.u8(..20) {
            0 => whole.to_owned(),
            _ if chosen == sections[0] => chosen.to_owned(),
            _ => format!("{}\n[streams.{chosen}", sections[0]),
        };
        let mut bytes = text.into_bytes();
        spoil(rng, &mut bytes);
        let Ok(text) = String::from_utf8(bytes) else {
            return;
        };
        if let Err(error) = load("forged.toml", &text) {
            assert!(
                !error.code.is_empty() && !error.message.is_empty(),
                "{text}"
            );
        }
    });
}

#[test]
fn forged_checkpoints_are_used_or_refused_in_words() {
    let table: String = (0..40)
        .map(|n| format!("A-{n},\"text\n{n}\",{n},1.00,2026-03-31\n"))
        .collect();
    let table = format!("id,text,quantity,amount,day\n{table}");
    let host = Folder::with("a.csv", table.clone());
    let config = config_of(&mapping("", PLAIN), "{}", &host).unwrap();
    let request = Request {
        max_rows: 7,
        checkpoint_rows: 1,
        ..all()
    };
    let whole = read(&host, config.clone(), request).unwrap();
    let checkpoints: Vec<Vec<u8>> = whole
        .checkpoints
        .iter()
        .flat_map(|one| one.2.files.iter().map(FileState::encode))
        .collect();
    let rows = whole.rows.len();
    each(|rng| {
        let mut bytes = rng.choice(&checkpoints).unwrap().clone();
        spoil(rng, &mut bytes);
        match FileState::decode(STATE_VERSION, &bytes) {
            Err(error) => assert!(!error.code.is_empty() && !error.message.is_empty()),
            Ok(state) => {
                assert!(FileState::decode(STATE_VERSION, &state.encode()).is_ok());
                let since = Request {
                    since: Some(State::of(vec![state])),
                    ..all()
                };
                match read(&host, config.clone(), since) {
                    Ok(rest) => assert!(rest.rows.len() <= rows, "more rows than there are"),
                    Err(error) => assert!(!error.code.is_empty() && !error.message.is_empty()),
                }
            }
        }
    });
}

#[test]
fn forged_archives_are_read_or_refused_in_words() {
    let table = b"id,text,quantity,amount,day\nA-1,x,1,1.00,2026-03-31\nA-2,x,1,1.00,2026-03-31\n";
    let cells = ["A-1", "x", "1", "1.00", "2026-03-31"].map(packed::text);
    let rows = format!("{}<row>{}</row>", packed::head(), cells.concat());
    let archives: [(&str, Vec<u8>); 3] = [
        ("a.csv.gz", packed::gzip(table)),
        ("a.zip", packed::zip(&[("a.csv", table), ("b.csv", table)])),
        ("a.xlsx", packed::workbook(&rows, "")),
    ];
    let mapping = mapping("", PLAIN).replace(
        "files = [\"*.csv\"]",
        "files = [\"*.csv\", \"*.xlsx\", \"*.zip/*\"]\noptional = true",
    );
    let config = config_of(&mapping, "{}", &Folder::default()).unwrap();
    each(|rng| {
        let (name, mut bytes) = rng.choice(&archives).unwrap().clone();
        spoil(rng, &mut bytes);
        let host = Folder::with(name, bytes).chunk_bytes(rng.usize(1..5_000));
        match read(&host, config.clone(), all()) {
            Ok(found) => assert!(found.rows.len() <= 1_000),
            Err(error) => assert!(!error.code.is_empty() && !error.message.is_empty()),
        }
    });
}
