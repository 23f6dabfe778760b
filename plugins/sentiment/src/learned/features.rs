//! What a shipped model looks at in a text: n-grams of letters and words, each by its place in a table of weights.
//!
//! Training and scoring read texts by this file alone, so that they cannot differ.

use crate::fold::Folded;
use crate::language::Language;

/// A table has so many weights, as a power of two.
pub const TABLE_BITS: u32 = 18;
/// Only so much of a text is read.
const READ_MAX_BYTES: usize = 4_000;
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
            self.words(see);
        }
    }

    /// As [`Reader::read`], without the places in the text where these are not needed: plain ASCII is not folded.
    pub(crate) fn read_weights(
        &mut self,
        text: &str,
        language: Language,
        see: impl FnMut(Feature),
    ) {
        let begin = begin_of(text);
        if is_unspaced(language) || !begin.is_ascii() {
            return self.read(text, language, see);
        }
        self.bytes.clear();
        self.bytes.push(b' ');
        let mut after_blank = false;
        for byte in begin.bytes() {
            let is_blank = byte <= b' ' || byte == 0x7f;
            if !is_blank {
                let byte = if byte == b'`' { b'\'' } else { byte };
                self.bytes.push(alike(byte.to_ascii_lowercase()));
            } else if !after_blank {
                self.bytes.push(b' ');
            }
            after_blank = is_blank;
        }
        self.words(see);
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

    fn words(&mut self, mut see: impl FnMut(Feature)) {
        // One blank stands before, between and behind words; six bytes of padding are for the loads.
        let text_length = self.bytes.len() - 1;
        self.bytes.push(b' ');
        let length = self.bytes.len();
        self.bytes.extend([0; 8]);
        let place = |at: usize| small(at.saturating_sub(1).min(text_length));
        for at in 0..length {
            let Some(&eight) = self
                .bytes
                .get(at..)
                .and_then(|rest| rest.first_chunk::<8>())
            else {
                break;
            };
            let gram = u64::from_le_bytes(eight);
            for (kind, size) in BYTES.into_iter().enumerate() {
                if at + size <= length {
                    let bits = gram & (u64::MAX >> (64 - 8 * size));
                    see(feature(bits, kind, place(at), place(at + size)));
                }
            }
        }
        let mut word = (0_usize, 0_u64);
        let mut before: Option<(usize, u64)> = None;
        for (at, &byte) in self.bytes.iter().take(length).enumerate() {
            if byte.is_ascii_alphanumeric() || byte == b'\'' || byte >= 0x80 {
                if word.1 == 0 {
                    word = (at, 0xcbf2_9ce4_8422_2325);
                }
                word.1 = (word.1 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            } else if word.1 != 0 {
                see(feature(word.1, 4, place(word.0), place(at)));
                if let Some((begin, hash)) = before {
                    see(feature(
                        hash.rotate_left(23) ^ word.1,
                        5,
                        place(begin),
                        place(at),
                    ));
                }
                before = Some(word);
                word.1 = 0;
            }
            if matches!(byte, b'.' | b'!' | b'?' | b';') {
                before = None;
            }
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
    // Two rounds: the low bits of short n-grams must reach the high bits that are kept.
    let mixed = (bits ^ bits >> 29).wrapping_mul(multiplier);
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(MULTIPLIERS[0]);
    Feature {
        place: (mixed >> (64 - TABLE_BITS)) as u32,
        begin,
        end,
    }
}

fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_has_the_same_n_grams_folded_or_not() {
        let mut reader = Reader::default();
        for text in [
            "The SOLE cracked\n\n after  2 days!!",
            " `quoted` \t\r\n x",
            "a",
            "",
            "came\noff, 12,5 \u{7f}\u{0}end.\nNew Line",
        ] {
            let (mut folded, mut plain) = (Vec::new(), Vec::new());
            reader.read(text, Language::English, |f| folded.push(f.place));
            reader.read_weights(text, Language::English, |f| plain.push(f.place));
            assert_eq!(folded, plain, "{text:?}");
        }
    }
}
