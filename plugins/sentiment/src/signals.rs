//! What a text says beside its mood: that it took effort, that it wants an answer, that a date is near.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::Folded;
use crate::language::{self, Language};
use crate::words::rows;

/// Only so much of a text is read.
const READ_MAX_BYTES: usize = 20_000;
/// So many phrases of a kind are named.
const NAMED_MAX: usize = 5;

/// What a phrase says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Effort,
    Answer,
    Urgent,
    Danger,
}

#[derive(Clone, Copy)]
struct Phrase {
    kind: Kind,
    language: Language,
    /// Whether the word may go on behind it.
    is_open: bool,
}

struct Phrases {
    phrases: Vec<Phrase>,
    find: AhoCorasick,
}

/// The phrases found of each kind, as they stand in the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// Of having tried again, waited, called.
    pub effort: Vec<String>,
    /// Of a question or a demand.
    pub answer: Vec<String>,
    /// Of a date that matters, or of haste.
    pub urgent: Vec<String>,
    /// Of harm to a person that happened or could: a fall, fire, blood, a hospital.
    pub danger: Vec<String>,
}

fn phrases() -> Option<&'static Phrases> {
    static PHRASES: OnceLock<Option<Phrases>> = OnceLock::new();
    PHRASES.get_or_init(build).as_ref()
}

fn build() -> Option<Phrases> {
    let (mut phrases, mut patterns) = (Vec::new(), Vec::new());
    for row in rows(include_str!("lexicon/signals.tsv")) {
        let mut columns = row.split('\t');
        let (Some(kind), Some(tag), Some(list)) = (columns.next(), columns.next(), columns.next())
        else {
            continue;
        };
        let kind = match kind {
            "effort" => Kind::Effort,
            "answer" => Kind::Answer,
            "danger" => Kind::Danger,
            _ => Kind::Urgent,
        };
        for phrase in list.split('|') {
            let (text, is_open) = match phrase.strip_suffix('*') {
                Some(begin) => (begin, true),
                None => (phrase, false),
            };
            patterns.push(Folded::new(text).text().to_owned());
            phrases.push(Phrase {
                kind,
                language: language::of("", tag),
                is_open,
            });
        }
    }
    let find = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .build(&patterns)
        .ok()?;
    Some(Phrases { phrases, find })
}

/// The signals of `text`. `lang` is a BCP 47 tag; empty means that the language is to be found.
#[must_use]
pub fn find(text: &str, lang: &str) -> Signals {
    let mut signals = Signals::default();
    let end = text.floor_char_boundary(READ_MAX_BYTES.min(text.len()));
    let text = text.get(..end).unwrap_or(text);
    let language = language::of(text, lang);
    let Some(phrases) = phrases().filter(|_| language != Language::Other) else {
        return signals;
    };
    let folded = Folded::new(text);
    let said = folded.text();
    let unspaced = matches!(language, Language::Japanese | Language::Chinese);
    for found in phrases.find.find_overlapping_iter(said) {
        let Some(phrase) = phrases.phrases.get(found.pattern().as_usize()) else {
            continue;
        };
        let is_whole = unspaced || stands_alone(said, found.start(), found.end(), phrase.is_open);
        if phrase.language != language || !is_whole {
            continue;
        }
        let list = match phrase.kind {
            Kind::Effort => &mut signals.effort,
            Kind::Answer => &mut signals.answer,
            Kind::Urgent => &mut signals.urgent,
            Kind::Danger if is_denied(said, found.start(), found.end()) => continue,
            Kind::Danger => &mut signals.danger,
        };
        let span = folded.origin(found.start())..folded.origin(found.end());
        let words = text.get(span).unwrap_or_default().trim();
        if list.len() < NAMED_MAX && list.iter().all(|known| known != words) {
            list.push(words.to_owned());
        }
    }
    if signals.answer.is_empty() && text.trim_end().ends_with(['?', '？']) {
        signals.answer.push("?".to_owned());
    }
    signals
}

/// Words that deny what stands behind them, of all languages with blanks, and characters that do in Chinese.
const DENIALS: [&str; 30] = [
    "no",
    "not",
    "never",
    concat!("no", "body"),
    "none",
    "without",
    "n't",
    "neither",
    "nicht",
    "kein",
    "keine",
    "keiner",
    "niemand",
    "ohne",
    "nie",
    "não",
    "nao",
    "sem",
    "ninguém",
    "pas",
    "sans",
    "personne",
    "aucun",
    "aucune",
    "non",
    "senza",
    "nessuno",
    "nadie",
    "sin",
    "ningún",
];
const DENIALS_BEHIND: [&str; 8] = [
    "ない",
    "なく",
    "なかっ",
    "ません",
    "ず",
    "防止",
    "対策",
    "予防",
];
const DENIALS_HAN: [char; 5] = ['没', '沒', '不', '未', '无'];
/// Words before, and bytes behind, in which a denial holds.
const DENIED_WORDS: usize = 4;
const DENIED_BYTES: usize = 18;

/// Whether harm is denied: "no one was hurt", 怪我はありません.
fn is_denied(text: &str, begin: usize, end: usize) -> bool {
    let before = text.get(..begin).unwrap_or_default();
    let from = before
        .rfind(['.', '!', '?', ',', ';', '。', '\n'])
        .map_or(0, |at| at + 1);
    let before = before.get(from..).unwrap_or_default();
    let mut words = before
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .rev();
    let mut near = words
        .by_ref()
        .filter(|word| !word.is_empty())
        .take(DENIED_WORDS);
    if near.any(|word| DENIALS.contains(&word) || word.ends_with("n't")) {
        return true;
    }
    let mut last = before.chars().rev().take(3);
    let is_han = last.any(|c| DENIALS_HAN.contains(&c));
    let to = text.floor_char_boundary((end + DENIED_BYTES).min(text.len()));
    let behind = text.get(end..to).unwrap_or_default();
    let behind = behind
        .split(['。', '、', '!', '?', '\n'])
        .next()
        .unwrap_or_default();
    is_han || DENIALS_BEHIND.iter().any(|denial| behind.contains(denial))
}

/// Whether a phrase begins and ends with a word.
fn stands_alone(text: &str, begin: usize, end: usize, is_open: bool) -> bool {
    let before = text.get(..begin).unwrap_or_default().chars().next_back();
    let behind = text.get(end..).unwrap_or_default().chars().next();
    let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    is_apart(before) && (is_open || is_apart(behind))
}
