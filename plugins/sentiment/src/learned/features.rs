//! What a shipped model looks at in a text: n-grams of letters and words, each by its place in a table of weights.
//!
//! Training and scoring read texts by this file alone, so that they cannot differ.

use super::hashes::{Word, hash_words};
use crate::fold::Folded;
use crate::language::Language;

/// A table has so many weights, as a power of two.
pub const TABLE_BITS: u32 = 18;
/// Only so much of a text is read.
const READ_MAX_BYTES: usize = 4_000;
/// The weights of a model, a signed byte each.
pub(crate) type Table = [u8; 1 << TABLE_BITS];
/// Sizes of n-grams: of bytes, blanks between words included, and of characters where words are not set apart.
const BYTES: [usize; 4] = [3, 4, 5, 6];
const CHARACTERS: [usize; 4] = [1, 2, 3, 4];
/// One odd multiplier for each size (multiply-shift hashing, Dietzfelbinger et al. 1997); digits of the golden ratio.
const MULTIPLIERS: [u64; 6] = [
    0x9e37_79b9_7f4a_7c15,
    0xf39c_c060_5ced_c835,
    0x1082_276b_f3a2_7251,
    0xf86c_6a11_d0c1_8e95,
    0x2767_f0b1_53d2_7b7f,
    0x0347_0ce3_b7d4_a6ed,
];

/// The kinds of n-grams behind those of bytes.
const WORD: usize = 4;
const PAIR: usize = 5;
/// What each byte of a plain text becomes: small letters, one digit, one blank, one apostrophe.
static FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut byte = 0_u8;
    loop {
        folded[byte as usize] = match byte {
            0..=b' ' | 0x7f => b' ',
            b'0'..=b'9' => b'0',
            b'`' => b'\'',
            byte => byte.to_ascii_lowercase(),
        };
        if byte == u8::MAX {
            break folded;
        }
        byte += 1;
    }
};

/// Weights added up over the n-grams of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub sum: i32,
    /// How many n-grams there are, and how many of them have a weight.
    pub grams: u32,
    pub known: u32,
}

impl Sums {
    #[inline]
    fn add<const KNOWN: bool>(&mut self, table: &Table, place: u32) {
        // A text is cut at 4,000 bytes: none of these can overflow.
        let weight = table.get(place as usize).map_or(0, |byte| *byte as i8);
        self.sum = self.sum.wrapping_add(i32::from(weight));
        self.grams = self.grams.wrapping_add(1);
        if KNOWN {
            self.known = self.known.wrapping_add(u32::from(weight != 0));
        }
    }
}

/// An n-gram: where its weight is, and where it begins and ends in the folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// The place of its weight.
    pub place: u32,
    /// Its first byte.
    pub begin: u32,
    /// The byte behind it.
    pub end: u32,
}

/// Reads texts one after the other, keeping its memory.
#[derive(Default, Debug)]
pub struct Reader {
    folded: Folded,
    bytes: Vec<u8>,
    units: Vec<(u16, u32)>,
    words: Vec<Word>,
}

impl Reader {
    /// Calls `see` with each n-gram of `text`.
    pub fn read(&mut self, text: &str, language: Language, see: impl FnMut(Feature)) {
        self.folded.fill(begin_of(text));
        if is_unspaced(language) {
            self.characters(see);
        } else {
            self.bytes.clear();
            self.bytes.push(b' ');
            self.bytes.extend(self.folded.text().bytes().map(alike));
            self.spaced(see);
        }
    }

    /// What the weights of `table` add up to over the n-grams that [`Reader::read`] finds, without their places in the
    /// text: plain ASCII is not folded, and most n-grams are looked up four at a time.
    /// What is `known` is counted only if it is wanted.
    pub(crate) fn weigh<const KNOWN: bool>(
        &mut self,
        text: &str,
        language: Language,
        table: &Table,
    ) -> Sums {
        let begin = begin_of(text);
        let mut sums = Sums::default();
        if is_unspaced(language) {
            self.folded.fill(begin);
            self.characters(|feature| sums.add::<KNOWN>(table, feature.place));
            return sums;
        }
        if begin.is_ascii() {
            self.fold_ascii(begin.as_bytes());
        } else {
            self.folded.fill(begin);
            self.bytes.clear();
            self.bytes.push(b' ');
            self.bytes.extend(self.folded.text().bytes().map(alike));
        }
        let length = self.end_words();
        let whole = length.saturating_sub(BYTES[3] - 1);
        for eight in self.bytes.windows(8).take(whole) {
            let gram = u64::from_le_bytes(eight.first_chunk().copied().unwrap_or_default());
            // The number of sizes is known here, so that this becomes one stretch of code.
            for kind in 0..BYTES.len() {
                sums.add::<KNOWN>(table, place(gram & mask(BYTES[kind]), MULTIPLIERS[kind]));
            }
        }
        for at in whole..length {
            let Some(&eight) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) else {
                break;
            };
            let gram = u64::from_le_bytes(eight);
            for (size, multiplier) in BYTES.into_iter().zip(MULTIPLIERS) {
                if at + size <= length {
                    sums.add::<KNOWN>(table, place(gram & mask(size), multiplier));
                }
            }
        }
        self.words::<false>(length, |kind, bits, _, _| {
            sums.add::<KNOWN>(table, place(bits, MULTIPLIERS[kind]));
        });
        sums
    }

    /// The bytes that the folded form of an ASCII text has.
    fn fold_ascii(&mut self, text: &[u8]) {
        self.bytes.clear();
        self.bytes.resize(text.len() + 1, b' ');
        let (mut length, mut after_blank) = (1, false);
        for byte in text {
            let byte = FOLDED[usize::from(*byte)];
            if let Some(slot) = self.bytes.get_mut(length) {
                *slot = byte;
            }
            let is_blank = byte == b' ';
            length = length.wrapping_add(usize::from(!(is_blank & after_blank)));
            after_blank = is_blank;
        }
        self.bytes.truncate(length);
    }

    /// Adds the blank behind the last word, and what loads of eight bytes need; gives the length up to and with the blank.
    fn end_words(&mut self) -> usize {
        self.bytes.push(b' ');
        let length = self.bytes.len();
        self.bytes.extend([0; 8]);
        length
    }

    /// The text read last, folded.
    #[must_use]
    pub fn folded(&self) -> &Folded {
        &self.folded
    }

    fn characters(&mut self, mut see: impl FnMut(Feature)) {
        let text = self.folded.text();
        self.units.clear();
        for (at, c) in text.char_indices() {
            let code = u32::from(c);
            // Characters beyond 16 bits are emoji and rare han: their low bits tell them apart well enough.
            let unit = match c {
                c if c.is_whitespace() => 0,
                '0'..='9' => u16::from(b'0'),
                _ => (code ^ code >> 16) as u16,
            };
            self.units.push((unit, small(at)));
        }
        let after = small(text.len());
        for (at, window) in (0..self.units.len()).filter_map(|at| Some((at, self.units.get(at..)?)))
        {
            let mut gram = 0_u64;
            for (count, &(unit, _)) in window.iter().take(CHARACTERS[3]).enumerate() {
                if unit == 0 {
                    break;
                }
                gram = gram << 16 | u64::from(unit);
                let end = self.units.get(at + count + 1).map_or(after, |next| next.1);
                let begin = window.first().map_or(after, |first| first.1);
                see(feature(gram, count, begin, end));
            }
        }
    }

    /// N-grams of bytes, then words and pairs of words.
    fn spaced(&mut self, mut see: impl FnMut(Feature)) {
        let text_length = self.bytes.len() - 1;
        let length = self.end_words();
        let origin = |at: usize| small(at.saturating_sub(1).min(text_length));
        for at in 0..length {
            let Some(&eight) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) else {
                break;
            };
            let gram = u64::from_le_bytes(eight);
            for (kind, size) in BYTES.into_iter().enumerate() {
                if at + size <= length {
                    see(feature(
                        gram & mask(size),
                        kind,
                        origin(at),
                        origin(at + size),
                    ));
                }
            }
        }
        self.words::<true>(length, |kind, bits, begin, end| {
            see(feature(bits, kind, origin(begin), origin(end)));
        });
    }

    /// Calls `see` with the kind, hash, begin and end of each word, and of each pair of words in a sentence.
    fn words<const SPANS: bool>(
        &mut self,
        length: usize,
        mut see: impl FnMut(usize, u64, usize, usize),
    ) {
        let found = hash_words::<SPANS>(
            self.bytes.get(..length).unwrap_or_default(),
            &mut self.words,
        );
        let mut before: Option<Word> = None;
        for &word in self.words.iter().take(found) {
            let (begin, end) = (word.begin as usize, word.end as usize);
            see(WORD, word.hash, begin, end);
            if let Some(before) = before.filter(|before| before.marks == word.marks) {
                let both = before.hash.rotate_left(23) ^ word.hash;
                see(PAIR, both, before.begin as usize, end);
            }
            before = Some(word);
        }
    }
}

fn begin_of(text: &str) -> &str {
    let end = text.floor_char_boundary(READ_MAX_BYTES.min(text.len()));
    text.get(..end).unwrap_or(text)
}

/// Whether words are not set apart.
fn is_unspaced(language: Language) -> bool {
    matches!(language, Language::Japanese | Language::Chinese)
}

/// Digits are all alike, and a line break is a blank.
fn alike(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => b'0',
        b'\n' => b' ',
        byte => byte,
    }
}

fn feature(bits: u64, kind: usize, begin: u32, end: u32) -> Feature {
    let multiplier = MULTIPLIERS.get(kind).copied().unwrap_or(MULTIPLIERS[0]);
    Feature {
        place: place(bits, multiplier),
        begin,
        end,
    }
}

/// Two rounds: the low bits of short n-grams must reach the high bits that are kept.
#[inline]
fn place(bits: u64, multiplier: u64) -> u32 {
    let mixed = (bits ^ bits >> 29).wrapping_mul(multiplier);
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(MULTIPLIERS[0]);
    (mixed >> (64 - TABLE_BITS)) as u32
}

/// The bits of the first `size` of eight bytes.
#[inline]
const fn mask(size: usize) -> u64 {
    u64::MAX >> (64 - 8 * size)
}

fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_added_over_the_n_grams_that_were_learned_from() {
        let mut reader = Reader::default();
        let mut table: Box<Table> = vec![0; 1 << TABLE_BITS].try_into().expect("a table");
        for (at, weight) in table.iter_mut().enumerate() {
            *weight = (at * 31 % 251) as u8;
        }
        for text in [
            "The SOLE cracked\n\n after  2 days!!",
            " `quoted` \t\r\n x",
            "a",
            "ab",
            "abcdef",
            "",
            "came\noff, 12,5 \u{7f}\u{0}end.\nNew Line",
            "Größe passt nicht, schöne Farbe",
            "底が割れた。Too bad",
        ] {
            for language in [Language::English, Language::Japanese] {
                let (mut sum, mut grams, mut known) = (0, 0, 0);
                reader.read(text, language, |f| {
                    let weight = table[f.place as usize] as i8;
                    sum += i32::from(weight);
                    grams += 1;
                    known += u32::from(weight != 0);
                });
                let sums = reader.weigh::<true>(text, language, &table);
                assert_eq!(sums, Sums { sum, grams, known }, "{text:?}");
                let sums = reader.weigh::<false>(text, language, &table);
                let known = 0;
                assert_eq!(sums, Sums { sum, grams, known }, "{text:?}");
            }
        }
    }
}
