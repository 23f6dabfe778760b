//! Attacks on the host, each picked by the name of a function.

mod answers;
mod operators;

use std::hint::black_box;

use answers::{BadText, FallingOffsets, FalseFailure, FewRows, NoBuffers, WholeBatch, WrongType};
use operators::{Nulls, Peeks, Stalls};
use tsugi_plugin::bindings::imports::tsugi::plugin::inputs;
use tsugi_plugin::{Aggregate, Error, Record, scalar};

/// The message of the panic.
const LAST_WORDS: &str = "the guest panics on purpose";

/// Answers honestly, so that a session can be seen to go on.
#[scalar]
pub fn honest(n: i64) -> i64 {
    n + 1
}

/// Panics, but not at zero.
#[scalar]
pub fn panics(n: i64) -> i64 {
    assert!(n == 0, "{LAST_WORDS}");
    n
}

/// Panics with these words.
#[scalar]
pub fn cries(words: &str) -> i64 {
    panic!("{words}")
}

/// What it sees of the time, in seconds since 1970, and what it gets of chance.
#[scalar]
pub fn senses(n: i64) -> String {
    use std::hash::{BuildHasher, RandomState};
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seconds = since.map_or(0, |since| since.as_secs());
    format!("{seconds} {}", RandomState::new().hash_one(n))
}

/// Refuses a row with these words.
#[scalar]
pub fn refuses(words: &str) -> Result<i64, String> {
    Err(words.to_owned())
}

/// Never answers.
#[scalar]
pub fn loops(n: i64) -> i64 {
    loop {
        black_box(n);
    }
}

/// Calls itself until no stack is left.
#[scalar]
pub fn recurses(n: i64) -> i64 {
    if n == i64::MAX {
        return 0;
    }
    black_box(recurses(black_box(n + 1)) + 1)
}

/// Takes memory until there is none.
#[scalar]
pub fn eats(n: i64) -> i64 {
    let mut eaten: Vec<Vec<u8>> = Vec::new();
    loop {
        eaten.push(vec![n as u8; 1 << 20]);
        black_box(&eaten);
    }
}

/// Returns so many bytes.
#[scalar]
pub fn floods(bytes: i64) -> String {
    "x".repeat(bytes as usize)
}

/// Reaches for files that are not granted.
#[scalar]
pub fn reads(n: i64) -> Result<i64, String> {
    let found = inputs::entries("secrets", "").map_err(|fault| fault.message)?;
    Ok(n + found.len() as i64)
}

/// Keeps a mebibyte for every row.
#[derive(Clone, Default, Record)]
pub struct Hoard {
    kept: String,
}

impl Aggregate for Hoard {
    const NAME: &'static str = "hoard";
    const DOC: &'static str = "Keeps a mebibyte for every row.";
    const PARAMS: &'static [&'static str] = &["x"];
    type Args<'a> = (i64,);
    type State = Self;
    type Output = i64;

    fn update(&mut self, (x,): (i64,)) -> Result<(), Error> {
        assert!(x >= 0, "{LAST_WORDS}");
        self.kept.push_str(&"x".repeat(1 << 20));
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.kept.push_str(&other.kept);
        Ok(())
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn result(&self) -> i64 {
        self.kept.len() as i64
    }
}

tsugi_plugin::export! {
    manifest: "plugin.toml",
    scalar: [
        honest, panics, cries, refuses, senses, loops, recurses, eats, floods, reads,
        FewRows, BadText, WrongType, FallingOffsets, FalseFailure, NoBuffers, WholeBatch,
    ],
    aggregate: [Hoard],
    table: [Nulls, Peeks, Stalls],
}
