//! A word table with a fast hash: what the English, German and Portuguese rules look words up in.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Words, by their bytes, to what is known of them. The hash is FxHash's multiply and rotate: fast, and the words are
/// our own.
pub(crate) type Words<T> = HashMap<&'static [u8], T, BuildHasherDefault<WordHasher>>;

/// As [`Words`], with words made while the table is built.
pub(crate) type OwnedWords<T> = HashMap<Box<str>, T, BuildHasherDefault<WordHasher>>;

/// The hash of [`Words`].
#[derive(Default, Clone, Copy, Debug)]
pub(crate) struct WordHasher(u64);

impl WordHasher {
    fn add(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for WordHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<8>();
        whole
            .iter()
            .for_each(|chunk| self.add(u64::from_le_bytes(*chunk)));
        // Loads of known length are one instruction each, in a component as well.
        let word = match (rest.first_chunk::<4>(), rest.last_chunk::<4>(), rest) {
            (_, _, []) => return,
            (Some(first), Some(last), _) => {
                u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
            }
            (_, _, [one]) => u64::from(*one),
            (_, _, [one, .., last]) => {
                let middle = rest.get(rest.len() / 2).copied().unwrap_or_default();
                u64::from(*one) | u64::from(middle) << 8 | u64::from(*last) << 16
            }
        };
        self.add(word ^ (rest.len() as u64) << 56);
    }

    /// The byte that ends a text: nothing follows it here.
    #[inline]
    fn write_u8(&mut self, byte: u8) {
        self.0 ^= u64::from(byte);
    }

    /// The length that bytes begin with: it is in their hash already.
    #[inline]
    fn write_usize(&mut self, _: usize) {}

    #[inline]
    fn finish(&self) -> u64 {
        // Tables take their slot from the low bits, the multiply mixes into the high ones.
        self.0 ^ self.0 >> 32
    }
}

/// The sum of valences as a score in -1..1: s / √(s² + 15), VADER's normalisation (Hutto & Gilbert 2014).
#[must_use]
pub(crate) fn normalize(sum: f64) -> f64 {
    (sum / (sum * sum + 15.0).sqrt()).clamp(-1.0, 1.0)
}

/// Rows of a lexicon file: tab-separated, `#` opens a comment line.
pub(crate) fn rows(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines()
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}
