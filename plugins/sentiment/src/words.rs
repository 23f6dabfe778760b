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

const PRESENT_BITS: u32 = 16;

/// The places of words in a list.
pub(crate) struct Index {
    words: Vec<&'static [u8]>,
    /// A bit for each hash of a word: eight kilobytes that stay in the nearest cache and turn most other words away.
    present: Box<[u64; 1 << (PRESENT_BITS - 6)]>,
    /// The high half of a word's hash, and its place; a place beyond all words is an empty slot.
    slots: Vec<(u32, u32)>,
}

impl Index {
    pub(crate) fn new(words: Vec<&'static [u8]>) -> Self {
        let size = (words.len() * 4).next_power_of_two();
        let mut present = Box::new([0; 1 << (PRESENT_BITS - 6)]);
        let mut slots = vec![(0, u32::MAX); size];
        for (place, word) in words.iter().enumerate() {
            let (first, tag) = Self::hash(word);
            let (cell, bit) = Self::bit(tag);
            if let Some(cell) = present.get_mut(cell) {
                *cell |= bit;
            }
            let free = (first..first + size).map(|slot| slot & (size - 1));
            let mut free = free.filter(|slot| slots.get(*slot).is_some_and(|s| s.1 == u32::MAX));
            let slot = free.next().unwrap_or_default();
            drop(free);
            if let Some(slot) = slots.get_mut(slot) {
                *slot = (tag, u32::try_from(place).unwrap_or(u32::MAX));
            }
        }
        Self {
            words,
            present,
            slots,
        }
    }

    /// Its place; beyond all places where it is none of them.
    pub(crate) fn find(&self, word: &[u8]) -> usize {
        self.look(word, Self::hash(word))
    }

    /// As [`Index::find`] of `text[begin..end]`, faster where eight bytes and more stand behind each word.
    #[inline]
    pub(crate) fn find_in(&self, text: &[u8], begin: usize, end: usize) -> usize {
        let length = end.wrapping_sub(begin);
        let (Some(word), Some(first)) = (text.get(begin..end), eight(text, begin)) else {
            return usize::MAX;
        };
        // Words differ in length from one to the next, which no branch here asks.
        let first = first & u64::MAX >> (64 - 8 * length.clamp(1, 8));
        let last = eight(
            text,
            if length < 8 {
                begin
            } else {
                end.wrapping_sub(8)
            },
        );
        let last = if length < 8 {
            first
        } else {
            last.unwrap_or(first)
        };
        self.look(word, Self::mix(first, last, length))
    }

    #[inline]
    fn look(&self, word: &[u8], (mut slot, tag): (usize, u32)) -> usize {
        let (cell, bit) = Self::bit(tag);
        if self.present.get(cell).is_none_or(|cell| cell & bit == 0) {
            return usize::MAX;
        }
        while let Some(&(found, place)) = self.slots.get(slot & (self.slots.len() - 1)) {
            if found == tag && self.words.get(place as usize).is_some_and(|w| *w == word) {
                return place as usize;
            }
            if place == u32::MAX {
                break;
            }
            slot = slot.wrapping_add(1);
        }
        usize::MAX
    }

    #[inline]
    fn bit(tag: u32) -> (usize, u64) {
        let at = tag >> (32 - PRESENT_BITS);
        ((at >> 6) as usize, 1 << (at & 63))
    }

    fn hash(word: &[u8]) -> (usize, u32) {
        let mut first = [0; 8];
        first
            .iter_mut()
            .zip(word)
            .for_each(|(to, from)| *to = *from);
        let last = word.last_chunk().copied().unwrap_or(first);
        Self::mix(
            u64::from_le_bytes(first),
            u64::from_le_bytes(last),
            word.len(),
        )
    }

    /// Of a word's first and last eight bytes; words that share them are compared.
    #[inline]
    fn mix(first: u64, last: u64, length: usize) -> (usize, u32) {
        let mut hasher = WordHasher::default();
        hasher.add(first);
        hasher.add(last ^ length as u64);
        let hash = hasher.finish();
        ((hash as u32) as usize, (hash >> 32) as u32)
    }
}

#[inline]
fn eight(text: &[u8], at: usize) -> Option<u64> {
    let eight = text.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*eight))
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
