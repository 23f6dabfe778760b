//! The functions that are measured. This file is compiled twice: into the guest, and into the
//! benchmark, where the same code runs natively.

/// One more.
#[inline]
pub fn add_one(n: i64) -> i64 {
    n.wrapping_add(1)
}

/// A score of a text: each byte looked up in a table and added, as a lexicon of letters would.
#[inline]
pub fn weigh(text: &str) -> f64 {
    let sum: i64 = text
        .bytes()
        .map(|byte| i64::from(WEIGHTS[usize::from(byte)]))
        .sum();
    sum as f64 / text.len().max(1) as f64
}

/// The text in capitals.
#[inline]
pub fn shout(text: &str) -> String {
    text.to_ascii_uppercase()
}

/// Puts a text into capitals where it stands.
#[inline]
pub fn raise(text: &mut str) {
    text.make_ascii_uppercase();
}

/// How many bytes a text has, and its first word.
#[inline]
pub fn measure(text: &str) -> (i64, &str) {
    let first = text.split(' ').next().unwrap_or_default();
    (text.len() as i64, first)
}

/// What a group of numbers holds: their sum.
#[inline]
pub fn add(sum: &mut i64, n: i64) {
    *sum = sum.wrapping_add(n);
}

/// What a group of texts weighs.
#[inline]
pub fn add_weight(sum: &mut f64, text: &str) {
    *sum += weigh(text);
}

/// The longest text of a group; of two as long the first.
#[inline]
pub fn keep_longest(longest: &mut String, text: &str) {
    if text.len() > longest.len() {
        longest.clear();
        longest.push_str(text);
    }
}

/// A word of a stream that goes on for ever.
#[inline]
pub fn word(n: i64) -> &'static str {
    const WORDS: [&str; 4] = ["sole", "靴底", "cracked after winter", ""];
    WORDS[n as usize % WORDS.len()]
}

const WEIGHTS: [i8; 256] = weights();

const fn weights() -> [i8; 256] {
    let mut weights = [0; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        weights[byte] = (byte * 37 % 21) as i8 - 10;
        byte += 1;
    }
    weights
}
