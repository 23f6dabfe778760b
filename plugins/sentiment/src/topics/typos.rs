//! Slips of the keyboard: a long word of a text that is one edit from a word of the rules, by the words that both become
//! when a letter is taken out (Garbe's symmetric deletes).

use std::collections::HashMap;

/// Shorter words have too many neighbours: crack and track, late and date.
const TERM_MIN: usize = 6;
const WORD_MAX: usize = 24;
/// So many letters may follow the term in its word.
const ENDING_MAX: usize = 4;

/// The words of the rules by what is left when a letter is taken out.
#[derive(Debug, Default)]
pub(super) struct Typos {
    shorter: HashMap<Vec<u8>, Vec<usize>>,
}

impl Typos {
    /// Of `patterns`, the long ones that are one word of plain letters.
    pub(super) fn new(patterns: &[String]) -> Self {
        let mut typos = Self::default();
        for (at, pattern) in patterns.iter().enumerate() {
            let bytes = pattern.as_bytes();
            if bytes.len() >= TERM_MIN && bytes.iter().all(u8::is_ascii_lowercase) {
                for form in deletes(bytes) {
                    typos.shorter.entry(form).or_default().push(at);
                }
            }
        }
        typos
    }

    /// Patterns that begin `word` but for one edit, each with the length of what stands for it.
    pub(super) fn find<'p>(
        &self,
        word: &str,
        patterns: &'p [String],
    ) -> Vec<(usize, usize, &'p str)> {
        let bytes = word.as_bytes();
        let mut found = Vec::new();
        if !(TERM_MIN - 1..=WORD_MAX).contains(&bytes.len())
            || !bytes.iter().all(u8::is_ascii_lowercase)
        {
            return found;
        }
        let fewest = bytes.len().saturating_sub(ENDING_MAX).max(TERM_MIN - 1);
        for length in fewest..=bytes.len() {
            let begin = bytes.get(..length).unwrap_or_default();
            for form in deletes(begin) {
                for &at in self.shorter.get(&form).into_iter().flatten() {
                    let Some(pattern) = patterns.get(at) else {
                        continue;
                    };
                    let is_near = pattern.as_bytes().first() == begin.first()
                        && is_one_edit(begin, pattern.as_bytes());
                    if is_near && !found.iter().any(|&(known, ..)| known == at) {
                        found.push((at, length, pattern.as_str()));
                    }
                }
            }
        }
        found
    }
}

/// The word, and the word without each of its letters.
fn deletes(word: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    let without = |at: usize| {
        let letters = word.iter().enumerate().filter(move |(here, _)| *here != at);
        letters.map(|(_, letter)| *letter).collect()
    };
    (0..=word.len()).map(without)
}

/// Whether, before the last letter, one letter is changed, missing or too many, or two neighbours have changed places.
fn is_one_edit(one: &[u8], other: &[u8]) -> bool {
    if one == other {
        return false;
    }
    let front = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (
        one.get(front..).unwrap_or_default(),
        other.get(front..).unwrap_or_default(),
    );
    // An edit at the end makes another form or another word: stored and store, Schaden and schade.
    if one.is_empty() || other.is_empty() {
        return false;
    }
    let back = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let (one, other) = (
        one.len() - back.min(one.len()),
        other.len() - back.min(other.len()),
    );
    matches!((one, other), (0, 1) | (1, 0) | (1, 1)) || (one, other) == (2, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        let patterns: Vec<String> = ["bottom", "gebrochen", "separat", "refund", "crack"]
            .map(str::to_owned)
            .into();
        let typos = Typos::new(&patterns);
        for (word, pattern) in [
            ("botom", "bottom"),
            ("gebrochn", "gebrochen"),
            ("seperated", "separat"),
            ("refudn", "refund"),
            ("reffund", "refund"),
        ] {
            let found = typos.find(word, &patterns);
            assert!(
                found.iter().any(|(.., found)| *found == pattern),
                "{word}: {found:?}"
            );
        }
        for word in [
            "track", "crakc", "funder", "button", "", "refund", "größe", "gebroche",
        ] {
            assert!(typos.find(word, &patterns).is_empty(), "{word}");
        }
    }
}
