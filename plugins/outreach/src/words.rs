//! Words that a message must not say: false closeness, risk played down, health, names kept inside.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use crate::kinds::Matter;
use crate::rulebook::{Place, Rule, Rulebook};

/// Claims to be written for one person alone.
const EXCLUSIVE: &[&str] = &[
    "only for you",
    "just for you",
    "exclusively for you",
    "exclusive to you",
    "especially for you",
    "handpicked for you",
    "nur für sie",
    "nur für dich",
    "exklusiv für sie",
    "exklusiv für dich",
    "speziell für sie",
    "あなただけ",
    "貴方だけ",
    "お客様だけ",
    "お客さまだけ",
    "様だけ",
    "様限定",
    "さま限定",
    "特別にご案内",
];

/// Words that make a danger look small; Regulation (EU) 2023/988 Art. 36(2)(c) names them, and
/// the mention that no accident is known.
const SOFTENED: &[&str] = &[
    "voluntary",
    "voluntarily",
    "precautionary",
    "as a precaution",
    "discretionary",
    "rare situation",
    "rare case",
    "specific situations",
    "no reported accidents",
    "no accidents have been reported",
    "no injuries have been reported",
    "freiwillig",
    "vorsorglich",
    "vorsichtshalber",
    "in seltenen fällen",
    "im ermessen",
    "keine unfälle",
    "自主的",
    "自主回収",
    "念のため",
    "予防的",
    "まれに",
    "ごく一部",
    "事故は報告されて",
    "事故の報告はございません",
];

/// Beginnings of words about a body's health. No value that holds one is put into a message.
const HEALTH: &[&str] = &[
    "arthr",
    "bleed",
    "diabet",
    "diagnos",
    "disab",
    "doctor",
    "hospital",
    "illness",
    "injur",
    "knee",
    "medic",
    "pregnan",
    "surgery",
    "wheelchair",
    "wound",
    "arzt",
    "behinder",
    "blutet",
    "blutung",
    "krank",
    "rollstuhl",
    "schwanger",
    "verletz",
    "けが",
    "ケガ",
    "怪我",
    "妊娠",
    "通院",
    "入院",
    "病院",
    "病気",
    "糖尿",
    "捻挫",
    "骨折",
    "障害",
    "障がい",
];

/// Why a word is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// No message may say it: suppliers above all.
    Forbidden,
    /// A rule of the pipeline.
    Restricted,
    /// It plays a risk down.
    Softening,
    /// It claims to be for one person.
    Exclusive,
    /// It speaks of a body's health.
    Health,
}

/// A word with where it counts.
#[derive(Debug)]
struct Entry {
    class: Class,
    word: String,
    rule: Option<Rule>,
}

/// Every word that is looked for, found in one pass.
#[derive(Debug, Default)]
pub struct Words {
    automaton: Option<AhoCorasick>,
    entries: Vec<Entry>,
    patterns: Vec<Rule>,
}

impl Words {
    /// Collects the words of the house, of the rules, and the names that nobody may say.
    pub fn collect(book: &Rulebook, forbidden: &BTreeSet<String>) -> Words {
        let own = [
            (Class::Softening, SOFTENED),
            (Class::Exclusive, EXCLUSIVE),
            (Class::Health, HEALTH),
        ];
        let house = own.iter().flat_map(|(class, words)| {
            words.iter().map(|word| Entry {
                class: *class,
                word: normal(word),
                rule: None,
            })
        });
        let names = forbidden.iter().map(|word| Entry {
            class: Class::Forbidden,
            word: word.clone(),
            rule: None,
        });
        let kinds = [
            ("restricted", Class::Restricted),
            ("softening", Class::Softening),
            ("exclusive", Class::Exclusive),
            ("health", Class::Health),
        ];
        let ruled = kinds.into_iter().flat_map(|(kind, class)| {
            book.of(kind).filter_map(move |rule| {
                let word = normal(rule.text()?);
                Some(Entry {
                    class,
                    word,
                    rule: Some(rule.clone()),
                })
            })
        });
        let entries: Vec<Entry> = house
            .chain(names)
            .chain(ruled)
            .filter(|entry| !entry.word.is_empty())
            .collect();
        let patterns = book
            .of("restricted")
            .filter(|rule| matches!(rule.matter, Matter::Pattern(_)));
        Words {
            automaton: AhoCorasick::new(entries.iter().map(|entry| &entry.word)).ok(),
            patterns: patterns.cloned().collect(),
            entries,
        }
    }

    /// The words found in a text, once each, by class; `text` is [`normal`].
    pub fn found(&self, text: &str, place: &Place<'_>) -> BTreeSet<(Class, String)> {
        let mut found = BTreeSet::new();
        let hits = self
            .automaton
            .iter()
            .flat_map(|automaton| automaton.find_overlapping_iter(text));
        for hit in hits {
            let Some(entry) = self.entries.get(hit.pattern().as_usize()) else {
                continue;
            };
            let here = entry
                .rule
                .as_ref()
                .is_none_or(|rule| Rulebook::holds(rule, place));
            if here && stands(entry, text, hit.start(), hit.end()) {
                found.insert((entry.class, entry.word.clone()));
            }
        }
        for rule in self
            .patterns
            .iter()
            .filter(|rule| Rulebook::holds(rule, place))
        {
            if let Matter::Pattern(pattern) = &rule.matter
                && let Some(hit) = pattern.find(text)
            {
                found.insert((Class::Restricted, hit.as_str().to_string()));
            }
        }
        found
    }
}

/// Names and restricted words count as whole words, health words from their beginning, phrases
/// anywhere. Only Latin letters and digits make a word that goes on.
fn stands(entry: &Entry, text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|left| left.chars().next_back());
    let after = text.get(end..).and_then(|right| right.chars().next());
    let begins = !touches(before, entry.word.chars().next());
    let stops = !touches(entry.word.chars().next_back(), after);
    match entry.class {
        Class::Forbidden | Class::Restricted => begins && stops,
        Class::Health => begins,
        Class::Softening | Class::Exclusive => true,
    }
}

fn touches(left: Option<char>, right: Option<char>) -> bool {
    let latin = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    latin(left) && latin(right)
}

/// Lower case, full-width letters and digits made narrow, every run of blanks one blank.
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let narrow = match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
            '\u{3000}' => ' ',
            other => other,
        };
        match narrow {
            blank if blank.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            ascii if ascii.is_ascii() => out.push(ascii.to_ascii_lowercase()),
            // Kana, kanji and their marks have no small letters to look up.
            '\u{3000}'..='\u{9fff}' => out.push(narrow),
            other => out.extend(other.to_lowercase()),
        }
    }
    out.trim().to_string()
}
