//! Languages in Latin letters: by common words where these are many, else by whichlang, which knows 16 languages from
//! few letters, unless words and letters speak for a language that is none of those.

use std::sync::OnceLock;

use whichlang::Lang;

use super::{LOOKED_AT, Language};
use crate::words::{Words, rows};

const TAGS: [(&str, Language); 7] = [
    ("en", Language::English),
    ("de", Language::German),
    ("pt", Language::Portuguese),
    ("fr", Language::French),
    ("it", Language::Italian),
    ("es", Language::Spanish),
    ("xx", Language::Other),
];
const OTHER: usize = TAGS.len() - 1;
/// Letters that no language written here uses, or hardly one.
const FOREIGN: &str =
    "ąćęłńśźżěščřžýůďťňåøæğışțșăőűđħķļņģėįųūīēāþðơưảạấầẩậắằẵặẻẽếềểễệỉịỏốồổỗộớờởợụủứừửữựỳỵỷỹ";
/// From so many letters on, words are enough to speak for a language.
const LETTERS_MIN: usize = 20;
/// Among so few words one is enough.
const WORDS_FEW: usize = 4;
/// `ok` and its like are said everywhere.
const LETTERS_SHORTEST: usize = 3;

/// The language of a text with so many Latin letters.
pub(super) fn detect(text: &str, letters: usize) -> Language {
    if letters == 0 {
        return Language::English;
    }
    let text = plain(text);
    let votes = Votes::of(&text);
    if let Some(language) = votes.clear() {
        return language;
    }
    let found = match whichlang::detect_language(&text) {
        Lang::Eng => Language::English,
        Lang::Deu => Language::German,
        Lang::Por => Language::Portuguese,
        Lang::Fra => Language::French,
        Lang::Ita => Language::Italian,
        Lang::Spa => Language::Spanish,
        _ => Language::Other,
    };
    if letters < LETTERS_MIN {
        let found = if letters < LETTERS_SHORTEST {
            Language::English
        } else {
            found
        };
        return votes.leader().unwrap_or(found);
    }
    if votes.are_elsewhere(found) {
        return Language::Other;
    }
    found
}

/// The text in lower case, without addresses, names of accounts and tags, which are in no language.
fn plain(text: &str) -> String {
    let end = text
        .char_indices()
        .nth(LOOKED_AT)
        .map_or(text.len(), |(at, _)| at);
    let mut plain = String::with_capacity(end);
    for piece in text.get(..end).unwrap_or(text).split_whitespace() {
        if piece.starts_with(['@', '#', '<']) || piece.contains("://") || piece.starts_with("www.")
        {
            continue;
        }
        for c in piece.chars() {
            if c == '’' {
                plain.push('\'');
            } else {
                plain.extend(c.to_lowercase());
            }
        }
        plain.push(' ');
    }
    plain
}

/// How many words of a text are common in each language of [`TAGS`].
struct Votes {
    counts: [usize; TAGS.len()],
    words: usize,
}

impl Votes {
    fn of(text: &str) -> Self {
        let mut votes = Self {
            counts: [0; TAGS.len()],
            words: 0,
        };
        let common = common();
        for word in text.split(|c: char| !c.is_alphabetic() && c != '\'') {
            if word.is_empty() {
                continue;
            }
            votes.words += 1;
            let bits = common.get(word.as_bytes()).copied().unwrap_or_default();
            for (at, count) in votes.counts.iter_mut().enumerate() {
                *count += usize::from(bits >> at & 1 != 0);
            }
            if !word.is_ascii() {
                votes.letters(word);
            }
        }
        votes
    }

    /// What a letter says that few languages write.
    fn letters(&mut self, word: &str) {
        let mut vote = |tag: usize, holds: bool| {
            if let Some(count) = self.counts.get_mut(tag) {
                *count += usize::from(holds);
            }
        };
        vote(
            1,
            word.contains(['ä', 'ü', 'ß']) || (word.contains('ö') && !word.contains('å')),
        );
        vote(2, word.contains(['ã', 'õ']));
        vote(3, word.contains(['è', 'ê', 'œ', 'û', 'î', 'ë']));
        vote(5, word.contains(['ñ', '¿', '¡']));
        vote(OTHER, word.contains(|c| FOREIGN.contains(c)));
    }

    /// The place of the most votes, their number, and the next largest number.
    fn best(&self) -> (usize, usize, usize) {
        let (mut place, mut most, mut next) = (OTHER, 0, 0);
        for (at, &count) in self.counts.iter().enumerate() {
            if count > most {
                (place, next, most) = (at, most, count);
            } else {
                next = next.max(count);
            }
        }
        (place, most, next)
    }

    /// The language that so many words speak for that nothing else need be looked at.
    fn clear(&self) -> Option<Language> {
        let (place, most, next) = self.best();
        let is_clear = most >= 3 && most * 4 >= self.words && most >= next * 2;
        TAGS.get(place).filter(|_| is_clear).map(|tag| tag.1)
    }

    /// Whether more words are common in languages that no rules read than in `found`.
    fn are_elsewhere(&self, found: Language) -> bool {
        let own = TAGS.iter().position(|tag| tag.1 == found);
        let count = |at: usize| self.counts.get(at).copied().unwrap_or_default();
        let (other, own) = (count(OTHER), own.map_or(0, count));
        other > own && (other >= 2 || self.words <= WORDS_FEW)
    }

    /// The language that more words speak for than for any other.
    fn leader(&self) -> Option<Language> {
        let (place, most, next) = self.best();
        TAGS.get(place).filter(|_| most > next).map(|tag| tag.1)
    }
}

/// Bits by the order of [`TAGS`].
fn common() -> &'static Words<u8> {
    static COMMON: OnceLock<Words<u8>> = OnceLock::new();
    COMMON.get_or_init(|| {
        let mut words = Words::default();
        for row in rows(include_str!("common.tsv")) {
            let Some((tag, list)) = row.split_once('\t') else {
                continue;
            };
            let bit = TAGS.iter().position(|(name, _)| *name == tag);
            for word in list.split_whitespace() {
                *words.entry(word.as_bytes()).or_default() |= bit.map_or(0, |bit| 1 << bit);
            }
        }
        words
    })
}
