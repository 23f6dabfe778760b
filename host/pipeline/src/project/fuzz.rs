//! Random manifests against the reader: nothing panics, and what is refused is explained.
//!
//! The corpus is the repository's own manifests. `TSUGI_FUZZ_CASES` sets how many are tried,
//! `TSUGI_FUZZ_SEED` where they start; a failure prints its seed.

use fastrand::Rng;

use super::manifest::Manifest;
use tsugi_core::source_text::SourceText;

const MANIFESTS: [&str; 4] = [
    include_str!("../../../../plugins/outreach/plugin.toml"),
    include_str!("../../../../plugins/crm-export/plugin.toml"),
    include_str!("../../../../plugins/sentiment/plugin.toml"),
    include_str!("../../../../tests/guests/paging/plugin.toml"),
];

/// A line of a manifest dropped, doubled, moved or cut, or a few bytes changed.
fn spoil_text(rng: &mut Rng, text: &str) -> Vec<u8> {
    let mut lines: Vec<&str> = text.lines().collect();
    for _ in 0..rng.usize(..3) {
        let at = rng.usize(..lines.len().max(1));
        match rng.u8(..3) {
            0 if at < lines.len() => drop(lines.remove(at)),
            1 if at < lines.len() => lines.insert(rng.usize(..lines.len()), lines[at]),
            _ => lines.truncate(at),
        }
    }
    let mut bytes = lines.join("\n").into_bytes();
    for _ in 0..rng.usize(..3) {
        spoil_bytes(rng, &mut bytes);
    }
    bytes
}

fn spoil_bytes(rng: &mut Rng, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return;
    }
    let at = rng.usize(..bytes.len());
    match rng.u8(..6) {
        0 => bytes[at] = rng.u8(..),
        1 => bytes[at] ^= 1 << rng.u8(..8),
        2 => bytes.insert(at, *rng.choice(b"\"=[]{}.#\n\0\xff9").unwrap_or(&0)),
        3 => drop(bytes.remove(at)),
        4 => bytes.truncate(at),
        _ => {
            let end = (at + rng.usize(..30)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            let to = rng.usize(..=bytes.len());
            bytes.splice(to..to, piece);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test goes on is set outside of it"
)]
fn setting(name: &str, default: u64) -> u64 {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    set.unwrap_or(default)
}

/// Parses one changed manifest.
fn try_one(rng: &mut Rng) {
    let text = rng.choice(&MANIFESTS).copied().unwrap_or_default();
    let Ok(text) = String::from_utf8(spoil_text(rng, text)) else {
        return;
    };
    let parse = || Manifest::parse(&SourceText::new("plugin.toml", &text));
    match parse() {
        Ok(manifest) => assert_eq!(parse().ok(), Some(manifest)),
        Err(diagnostics) => assert!(!diagnostics.is_empty(), "refused without a word: {text}"),
    }
}

#[test]
fn random_manifests_never_panic_and_what_is_accepted_is_accepted_again() {
    let first = setting("TSUGI_FUZZ_SEED", 1);
    let cases = setting("TSUGI_FUZZ_CASES", 25_000);
    for seed in first..first + cases {
        let run = || try_one(&mut Rng::with_seed(seed));
        assert!(
            std::panic::catch_unwind(run).is_ok(),
            "TSUGI_FUZZ_SEED={seed} TSUGI_FUZZ_CASES=1"
        );
    }
}
