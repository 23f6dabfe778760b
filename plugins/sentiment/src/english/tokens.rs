//! The words of an English text and what VADER's lexicon knows of them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use super::known::{self, Known, UNKNOWN};
use crate::words::{Index, Words, rows};

/// What a booster adds to the word it stands before.
pub(super) const BOOST: f64 = 0.293;
const NEGATIONS: &str = "aint arent cannot cant couldnt darent didnt doesnt dont hadnt hasnt havent isnt mightnt \
    mustnt neednt oughtnt shant shouldnt wasnt werent wont wouldnt neither never none nope nor not nothing nowhere \
    uhuh uh-uh without rarely seldom despite";
const BOOSTERS: &str = "absolutely amazingly awfully completely considerable considerably decidedly deeply effing \
    enormous enormously entirely especially exceptional exceptionally extreme extremely fabulously flipping flippin \
    frackin fracking fricking frickin frigging friggin fully fuckin fucking fuggin fugging greatly hella highly \
    hugely incredible incredibly intensely major majorly more most particularly purely quite really remarkably so \
    substantially thoroughly total totally tremendous tremendously uber unbelievably unusually utter utterly very";
const DAMPERS: &str = "almost barely hardly kinda kindof kind-of less little marginal marginally occasional \
    occasionally partly scarce scarcely slight slightly somewhat sorta sortof sort-of";

pub(super) struct Lexicon {
    words: Index,
    known: Vec<Known>,
    emoji: Words<&'static str>,
    /// One bit for each 64 characters: whether an emoji stands among them.
    emoji_blocks: [u64; 32],
}

impl Lexicon {
    /// What is known of a word in small letters.
    fn find(&self, word: &[u8]) -> &Known {
        self.known.get(self.words.find(word)).unwrap_or(&UNKNOWN)
    }

    /// As [`Lexicon::find`], of a word in a text with eight more bytes behind it.
    #[inline]
    fn find_in(&self, text: &[u8], word: &Range<usize>) -> &Known {
        let place = self.words.find_in(text, word.start, word.end);
        self.known.get(place).unwrap_or(&UNKNOWN)
    }

    /// The description of an emoji; most characters need no look into the table.
    fn spelled(&self, c: char) -> Option<&'static str> {
        let block = u32::from(c) / 64;
        let bits = self.emoji_blocks.get(block as usize / 64)?;
        if c.is_ascii() || bits >> (block % 64) & 1 == 0 {
            return None;
        }
        self.emoji
            .get(c.encode_utf8(&mut [0; 4]).as_bytes())
            .copied()
    }
}

pub(super) fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let mut build = Words::<Known>::default();
        for row in rows(include_str!("../lexicon/en_vader.tsv")) {
            if let Some((word, valence)) = row.split_once('\t') {
                build.entry(word.as_bytes()).or_default().valence = valence.parse().ok();
            }
        }
        let mut each = |list: &'static str, note: fn(&mut Known)| {
            for word in list.split_whitespace() {
                note(build.entry(word.as_bytes()).or_default());
            }
        };
        each(NEGATIONS, |known| known.denies = true);
        each(BOOSTERS, |known| known.booster = BOOST);
        each(DAMPERS, |known| known.booster = -BOOST);
        each("but", |known| known.contrasts = true);
        each(super::IDIOM_WORDS, |known| known.marks_idiom = true);
        known::add_service(&mut build);
        let (words, known): (Vec<_>, Vec<_>) = build.into_iter().unzip();
        let words = Index::new(words);
        let mut emoji_blocks = [0; 32];
        let emoji: Words<&str> = rows(include_str!("../lexicon/en_vader_emoji.tsv"))
            .filter_map(|row| row.split_once('\t'))
            .inspect(|(emoji, _)| {
                for c in emoji.chars() {
                    let block = u32::from(c) / 64;
                    if let Some(bits) = emoji_blocks.get_mut(block as usize / 64) {
                        *bits |= 1 << (block % 64);
                    }
                }
            })
            .map(|(emoji, description)| (emoji.as_bytes(), description))
            .collect();
        Lexicon {
            words,
            known,
            emoji,
            emoji_blocks,
        }
    })
}

pub(super) struct Token<'t> {
    /// As it stands in the text, whole characters.
    text: &'t [u8],
    pub known: &'static Known,
    /// It is a denial, or ends in "n't".
    pub denies: bool,
    pub capitals: bool,
    pub ends_sentence: bool,
}

impl Token<'_> {
    #[inline]
    pub(super) fn is(&self, word: &str) -> bool {
        // Most words differ in length or in their first letter.
        let small = |text: &[u8]| text.first().map(|byte| byte | 0x20);
        self.text.len() == word.len()
            && small(self.text) == small(word.as_bytes())
            && self.text.eq_ignore_ascii_case(word.as_bytes())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(self.text).into_owned()
    }
}

/// Emoji read as the words of their description, set off by a blank.
pub(super) fn spell_emoji(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let lexicon = lexicon();
    if !text.chars().any(|c| lexicon.spelled(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut spelled = String::with_capacity(text.len() + 32);
    let mut after_blank = true;
    for c in text.chars() {
        if let Some(description) = lexicon.spelled(c) {
            if !after_blank {
                spelled.push(' ');
            }
            spelled.push_str(description);
            after_blank = false;
        } else {
            spelled.push(c);
            after_blank = c == ' ';
        }
    }
    Cow::Owned(spelled)
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    if let Some(lower) = AsciiLower::of(text.as_bytes()) {
        return ascii_tokens(text.as_bytes(), &lower);
    }
    let lexicon = lexicon();
    let mut lower = String::new();
    // The information separators count as blanks in VADER's own language.
    let split = text.split(|c: char| c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}'));
    let token = |raw: &'_ str| -> (usize, usize) {
        let stripped = raw.trim_matches(|c: char| c.is_ascii_punctuation());
        if stripped.chars().nth(2).is_none() {
            return (0, raw.len());
        }
        let begin = stripped.as_ptr() as usize - raw.as_ptr() as usize;
        (begin, begin + stripped.len())
    };
    split
        .filter(|raw| !raw.is_empty())
        .map(|raw| {
            let (begin, end) = token(raw);
            let text = raw.get(begin..end).unwrap_or(raw);
            lower.clear();
            let plain = text.chars().all(has_ascii_case);
            if plain {
                lower.push_str(text);
                lower.make_ascii_lowercase();
            } else {
                lower.push_str(&text.to_lowercase());
            }
            let known = lexicon.find(lower.as_bytes());
            Token {
                text: text.as_bytes(),
                known,
                denies: known.denies || (lower.contains('\'') && lower.contains("n't")),
                capitals: if plain {
                    is_ascii_upper(text.as_bytes())
                } else {
                    is_upper(text)
                },
                ends_sentence: raw.ends_with(['.', '!', '?', '。', '…']),
            }
        })
        .collect()
}

/// An ASCII text in small letters, then a blank, then visible signs up to a whole vector and one more: loops over it
/// have no rest of single bytes, and eight bytes stand behind each word.
struct AsciiLower {
    bytes: Vec<u8>,
    some_apostrophe: bool,
}

impl AsciiLower {
    const VECTOR: usize = 16;
    const FILL: &[u8; 2 * Self::VECTOR] = b" xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    /// None where a byte is not ASCII.
    fn of(text: &[u8]) -> Option<Self> {
        let length = text.len() - text.len() % Self::VECTOR + 2 * Self::VECTOR;
        let mut bytes = Vec::with_capacity(text.len() + Self::FILL.len());
        bytes.extend_from_slice(text);
        bytes.extend_from_slice(Self::FILL);
        bytes.truncate(length);
        let (mut all, mut apostrophes) = ([0_u8; Self::VECTOR], [false; Self::VECTOR]);
        for vector in bytes.as_chunks_mut::<{ Self::VECTOR }>().0 {
            for ((byte, all), apostrophe) in vector.iter_mut().zip(&mut all).zip(&mut apostrophes) {
                *byte = byte.to_ascii_lowercase();
                *all |= *byte;
                *apostrophe |= *byte == b'\'';
            }
        }
        all.is_ascii().then_some(Self {
            bytes,
            some_apostrophe: apostrophes.contains(&true),
        })
    }
}

/// As [`tokens`], with the whole text put into lower case once.
fn ascii_tokens<'t>(text: &'t [u8], lower: &AsciiLower) -> Vec<Token<'t>> {
    let lexicon = lexicon();
    // A word and its blank take five to six bytes.
    let mut tokens = Vec::with_capacity(text.len() / 5 + 1);
    let mut begin = 0;
    each_blank(&lower.bytes, |end| {
        let word = ascii_word(text, begin, end);
        begin = end + 1;
        let Some((range, last)) = word else { return };
        let known = lexicon.find_in(&lower.bytes, &range);
        let lowered = lower.bytes.get(range.clone()).unwrap_or_default();
        let ends_so = || lowered.windows(3).any(|three| three == b"n't");
        let text = text.get(range).unwrap_or_default();
        tokens.push(Token {
            text,
            known,
            denies: known.denies || (lower.some_apostrophe && ends_so()),
            capitals: is_ascii_upper(text),
            ends_sentence: matches!(last, b'.' | b'!' | b'?'),
        });
    });
    tokens
}

/// Which bytes are punctuation: looking up costs less than four comparisons, twice a word.
static IS_MARK: [bool; 256] = {
    let mut is_mark = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        is_mark[byte] = (byte as u8).is_ascii_punctuation();
        byte += 1;
    }
    is_mark
};

/// The word between two blanks without the marks around it, if three characters are left, and the byte it ends
/// with; none where there is none.
fn ascii_word(text: &[u8], begin: usize, end: usize) -> Option<(Range<usize>, u8)> {
    let raw = text.get(begin..end)?;
    let (first, last) = (*raw.first()?, *raw.last()?);
    let is_letter = |byte: &u8| !IS_MARK[usize::from(*byte)];
    // Most words have no mark around them, and of two characters nothing is taken. One question, since each answer comes
    // at random.
    if (raw.len() <= 2) | (is_letter(&first) & is_letter(&last)) {
        return Some((begin..end, last));
    }
    let stripped = (
        raw.iter().position(is_letter),
        raw.iter().rposition(is_letter),
    );
    let range = match stripped {
        (Some(first), Some(last)) if last - first >= 2 => begin + first..begin + last + 1,
        _ => begin..end,
    };
    Some((range, last))
}

/// Where the blanks of [`AsciiLower`] stand: eight bytes a step.
fn each_blank(text: &[u8], mut see: impl FnMut(usize)) {
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    const FIRST_SIGN: u64 = 0x2121_2121_2121_2121;
    for (at, eight) in text.as_chunks::<8>().0.iter().enumerate() {
        // The highest bit of each byte is free; it is lost where less than the first visible sign is taken from.
        let word = u64::from_le_bytes(*eight);
        let mut below = !((word | HIGHEST) - FIRST_SIGN) & HIGHEST;
        while below != 0 {
            let place = below.trailing_zeros() & !7;
            if matches!((word >> place) as u8, b'\t'..=b'\r' | 0x1c..=0x1f | b' ') {
                see(at * 8 + place as usize / 8);
            }
            below &= below - 1;
        }
    }
}

/// As [`is_upper`]; the first character decides for most words.
fn is_ascii_upper(text: &[u8]) -> bool {
    !text.first().is_some_and(u8::is_ascii_lowercase)
        && !text.iter().any(u8::is_ascii_lowercase)
        && text.iter().any(u8::is_ascii_uppercase)
}

/// Whether a character is ASCII or of a kind without small and capital forms: typographic marks, East Asian writing,
/// emoji. All others are looked up in Unicode's tables, which takes as long as all else about a word.
fn has_ascii_case(c: char) -> bool {
    matches!(c, '\0'..='\x7f' | '\u{2000}'..='\u{206f}' | '\u{2e80}'..='\u{a63f}' | '\u{1f300}'..='\u{1faff}')
}

/// At least one cased character, and none of them small.
fn is_upper(text: &str) -> bool {
    let mut cased = false;
    for c in text.chars() {
        if c.is_lowercase() {
            return false;
        }
        cased |= c.is_uppercase();
    }
    cased
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_taken_without_the_tables_have_one_form() {
        for c in ('\u{80}'..=char::MAX).filter(|&c| has_ascii_case(c)) {
            let cased = c.is_lowercase() || c.is_uppercase();
            assert!(!cased && c.to_lowercase().eq([c]), "{c:?}");
        }
    }

    #[test]
    fn blanks_are_found_at_every_place() {
        for length in 0..40 {
            for at in 0..length {
                for (sign, blank) in [
                    (' ', true),
                    ('\t', true),
                    ('\x1c', true),
                    ('\x0b', true),
                    ('\x08', false),
                    ('\x1b', false),
                    ('\0', false),
                    ('!', false),
                    ('\x7f', false),
                ] {
                    let text: String = (0..length)
                        .map(|here| if here == at { sign } else { 'x' })
                        .collect();
                    let mut seen = Vec::new();
                    let lower = AsciiLower::of(text.as_bytes()).unwrap();
                    each_blank(&lower.bytes, |end| seen.push(end));
                    let blanks = if blank {
                        vec![at, length]
                    } else {
                        vec![length]
                    };
                    assert_eq!(seen, blanks, "{text:?}");
                }
            }
        }
    }
}
