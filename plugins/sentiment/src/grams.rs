//! n-grams of a text: characters where words are not set apart, words elsewhere.

use crate::fold::Folded;
use crate::language;

/// Only so much of a text is read, so that one long text cannot fill the memory.
const READ_MAX_BYTES: usize = 4_000;

/// How long the n-grams are, shortest and longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Of characters, for Japanese and Chinese.
    pub characters: (usize, usize),
    /// Of words, elsewhere.
    pub words: (usize, usize),
    /// Of characters inside words, elsewhere, the blanks at their ends included: what compounds and inflected forms share.
    pub inside: Option<(usize, usize)>,
}

/// What the name of an n-gram inside a word begins with: no word does.
const INSIDE: char = '#';

/// One n-gram and where it stands in the folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Gram {
    /// The first 64 bits that stand for its text; two n-grams of one language never meet in practice.
    pub hash: u64,
    begin: u32,
    end: u32,
    /// Inside a word: whether it holds the blanks before and behind it.
    inside: Option<(bool, bool)>,
}

/// Reads texts one after the other, keeping its memory.
#[derive(Default, Debug)]
pub(crate) struct Reader {
    folded: Folded,
    pieces: Vec<(u32, u32)>,
    grams: Vec<Gram>,
}

impl Reader {
    /// The n-grams of `text`, each once, in order of their hash.
    ///
    /// `lang` is a BCP 47 tag; blank means that the script of the text decides between characters and words.
    pub(crate) fn read(&mut self, text: &str, lang: &str, sizes: Sizes) -> &[Gram] {
        let end = text.floor_char_boundary(READ_MAX_BYTES.min(text.len()));
        let text = text.get(..end).unwrap_or(text);
        self.folded.fill(text);
        self.pieces.clear();
        self.grams.clear();
        if is_unspaced(text, lang) {
            self.characters(sizes.characters);
        } else {
            self.words(sizes.words);
            if let Some(sizes) = sizes.inside {
                self.inside(sizes);
            }
        }
        self.grams.sort_unstable();
        self.grams.dedup_by_key(|gram| gram.hash);
        &self.grams
    }

    /// The text read last.
    #[must_use]
    pub(crate) fn folded(&self) -> &Folded {
        &self.folded
    }

    /// Where an n-gram stands in the folded text read last; of one inside a word, the word.
    #[must_use]
    pub(crate) fn span(&self, gram: Gram) -> (usize, usize) {
        let word = self
            .pieces
            .iter()
            .find(|&&(begin, end)| begin <= gram.begin && gram.end <= end);
        let (begin, end) = word.copied().unwrap_or((gram.begin, gram.end));
        (begin as usize, end as usize)
    }

    /// The text of an n-gram of the text read last: words are set apart by one blank.
    #[must_use]
    pub(crate) fn name(&self, gram: Gram) -> String {
        let text = self.folded.text();
        let span = gram.begin as usize..gram.end as usize;
        if let Some((opens, ends)) = gram.inside {
            let blank = |is: bool| if is { " " } else { "" };
            let letters = text.get(span).unwrap_or_default();
            return format!("{INSIDE}{}{letters}{}", blank(opens), blank(ends));
        }
        let inside = self
            .pieces
            .iter()
            .filter(|&&(begin, end)| begin >= gram.begin && end <= gram.end);
        if self.pieces.is_empty() {
            return text.get(span).unwrap_or_default().to_owned();
        }
        let words: Vec<&str> = inside
            .filter_map(|&(begin, end)| text.get(begin as usize..end as usize))
            .collect();
        words.join(" ")
    }

    fn characters(&mut self, (shortest, longest): (usize, usize)) {
        let text = self.folded.text();
        for run in text.split_whitespace() {
            let offset = run.as_ptr() as usize - text.as_ptr() as usize;
            for (at, _) in run.char_indices() {
                let behind = run.get(at..).unwrap_or_default();
                let mut hash = HASH_BEGIN;
                for (count, (place, c)) in behind.char_indices().take(longest).enumerate() {
                    let end = place + c.len_utf8();
                    let bytes = behind.as_bytes().get(place..end).unwrap_or_default();
                    hash = hash_on(hash, bytes);
                    if count + 1 >= shortest {
                        self.grams.push(gram(hash, offset + at, offset + at + end));
                    }
                }
            }
        }
    }

    fn inside(&mut self, (shortest, longest): (usize, usize)) {
        let text = self.folded.text();
        let begin_hash = hash_on(HASH_BEGIN, INSIDE.encode_utf8(&mut [0; 4]).as_bytes());
        for &(begin, end) in &self.pieces {
            let word = text.get(begin as usize..end as usize).unwrap_or_default();
            // The blank before the word is a character of its first n-grams, and the one behind it of the last.
            let from = [(None, 0)]
                .into_iter()
                .chain(word.char_indices().map(|(at, _)| (Some(()), at)));
            for (inner, at) in from {
                let opens = inner.is_none();
                let mut hash = if opens {
                    hash_on(begin_hash, b" ")
                } else {
                    begin_hash
                };
                let mut count = usize::from(opens);
                let mut push = |hash, count: usize, to: usize, ends| {
                    if count >= shortest && count <= longest {
                        let mut own = gram(hash, begin as usize + at, begin as usize + to);
                        own.inside = Some((opens, ends));
                        self.grams.push(own);
                    }
                };
                let behind = word.get(at..).unwrap_or_default();
                for (place, c) in behind.char_indices().take(longest) {
                    let to = place + c.len_utf8();
                    let bytes = behind.as_bytes().get(place..to).unwrap_or_default();
                    hash = hash_on(hash, bytes);
                    count += 1;
                    push(hash, count, at + to, false);
                    if at + to == word.len() {
                        push(hash_on(hash, b" "), count + 1, at + to, true);
                    }
                }
            }
        }
    }

    fn words(&mut self, (shortest, longest): (usize, usize)) {
        words_of(self.folded.text(), &mut self.pieces);
        let text = self.folded.text().as_bytes();
        for (at, &(begin, _)) in self.pieces.iter().enumerate() {
            let mut hash = HASH_BEGIN;
            let from = self.pieces.get(at..).unwrap_or_default();
            for (count, &(word_begin, end)) in from.iter().take(longest).enumerate() {
                if count > 0 {
                    hash = hash_on(hash, b" ");
                }
                let word = text.get(word_begin as usize..end as usize);
                hash = hash_on(hash, word.unwrap_or_default());
                if count + 1 >= shortest {
                    self.grams.push(gram(hash, begin as usize, end as usize));
                }
            }
        }
    }
}

/// The places of the words: runs of letters and digits, marks of feeling (! ?) and other signs each alone.
fn words_of(text: &str, words: &mut Vec<(u32, u32)>) {
    let mut begin = None;
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_alphanumeric() || (c == '\'' && begin.is_some()) {
            begin.get_or_insert(at);
            continue;
        }
        if let Some(begin) = begin.take() {
            let word = text.get(begin..at).unwrap_or_default();
            let word = word.trim_end_matches('\'');
            words.push((place(begin), place(begin + word.len())));
        }
        if matches!(c, '!' | '?') || !(c.is_ascii() || c.is_whitespace()) {
            words.push((place(at), place(at + c.len_utf8())));
        }
    }
}

/// Whether a text is written without blanks between words: by its language, else by its script.
fn is_unspaced(text: &str, lang: &str) -> bool {
    match language::primary(lang).as_str() {
        "" => {}
        "ja" | "zh" | "yue" => return true,
        _ => return false,
    }
    let (mut unspaced, mut other) = (0_usize, 0_usize);
    for c in text.chars() {
        match c {
            '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff66}'..='\u{ff9f}' => {
                unspaced += 1;
            }
            c if c.is_alphabetic() => other += 1,
            _ => {}
        }
    }
    // As when the language is found: such a character says about as much as three letters.
    unspaced * 3 > other
}

fn gram(hash: u64, begin: usize, end: usize) -> Gram {
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Gram {
        hash: mixed(hash),
        begin: place(begin),
        end: place(end),
        inside: None,
    }
}

const HASH_BEGIN: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a of 64 bits, continued.
fn hash_on(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Spreads the last bytes over all bits (the finalizer of MurmurHash3).
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// The hash of an n-gram's text, as [`Reader::read`] gives it.
#[must_use]
pub(crate) fn hash(name: &str) -> u64 {
    mixed(hash_on(HASH_BEGIN, name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes {
        characters: (1, 3),
        words: (1, 2),
        inside: None,
    };

    fn names(text: &str, lang: &str) -> Vec<String> {
        names_of(text, lang, SIZES)
    }

    fn names_of(text: &str, lang: &str, sizes: Sizes) -> Vec<String> {
        let mut reader = Reader::default();
        let grams = reader.read(text, lang, sizes).to_vec();
        let mut names: Vec<String> = grams
            .iter()
            .map(|&gram| {
                let name = reader.name(gram);
                assert_eq!(hash(&name), gram.hash, "{name}");
                name
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn words_in_pairs_and_alone() {
        assert_eq!(
            names("It isn't GOOD, isn't it?", ""),
            [
                "?",
                "good",
                "good isn't",
                "isn't",
                "isn't good",
                "isn't it",
                "it",
                "it ?",
                "it isn't"
            ]
        );
        assert_eq!(names("", ""), [""; 0]);
    }

    #[test]
    fn pieces_of_words_with_the_blanks_at_their_ends() {
        let sizes = Sizes {
            words: (1, 1),
            inside: Some((3, 4)),
            ..SIZES
        };
        assert_eq!(
            names_of("Größe a", "de", sizes),
            [
                "# a ", "# gr", "# gro", "#ess", "#esse", "#groe", "#gro", "#oes", "#oess", "#roe",
                "#roes", "#se ", "#sse", "#sse ", "a", "groesse"
            ]
            .map(str::to_owned)
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect::<Vec<_>>()
        );
    }

    #[test]
    fn characters_where_words_are_not_set_apart() {
        assert_eq!(names("靴底 ﾃﾞ", ""), ["で", "底", "靴", "靴底"]);
        assert_eq!(
            names("很好用", "zh"),
            ["好", "好用", "很", "很好", "很好用", "用"]
        );
        assert_eq!(names("ok", "ja"), ["k", "o", "ok"]);
    }
}
