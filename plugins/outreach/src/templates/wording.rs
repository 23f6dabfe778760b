//! Search for words that a message must not contain: forbidden names, restricted words, softened risk,
//! false exclusivity, health.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use tsugi_plugin::Error;

use crate::error::config_error;
use crate::rules::normalize::normalize;
use crate::rules::rule_types::RuleValue;
use crate::rules::rulebook::{Rule, RuleScope, Rulebook};
use crate::templates::word_lists::{EXCLUSIVE, HEALTH, SOFTENED};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Names that no message may contain, suppliers above all.
    Forbidden,
    /// A rule of the type `restricted`.
    Restricted,
    /// Makes a danger look small.
    Softening,
    /// Claims to be for one person alone.
    Exclusive,
    Health,
}

#[derive(Debug)]
struct Entry {
    class: Class,
    /// Normalised.
    word: String,
    /// Limits where the word counts; None for everywhere.
    rule: Option<Rule>,
}

/// All words, found in one pass over a text.
#[derive(Debug)]
pub(crate) struct WordFinder {
    automaton: AhoCorasick,
    entries: Vec<Entry>,
    patterns: Vec<Rule>,
}

impl WordFinder {
    /// Collects the built-in words, the words of the rules, and the forbidden names.
    pub(crate) fn new(
        rulebook: &Rulebook,
        forbidden: &BTreeSet<String>,
    ) -> Result<WordFinder, Error> {
        let own = [
            (Class::Softening, SOFTENED),
            (Class::Exclusive, EXCLUSIVE),
            (Class::Health, HEALTH),
        ];
        let built_in = own.iter().flat_map(|(class, words)| {
            words.iter().map(|word| Entry {
                class: *class,
                word: normalize(word),
                rule: None,
            })
        });
        let names = forbidden.iter().map(|word| Entry {
            class: Class::Forbidden,
            word: word.clone(),
            rule: None,
        });
        let types = [
            ("restricted", Class::Restricted),
            ("softening", Class::Softening),
            ("exclusive", Class::Exclusive),
            ("health", Class::Health),
        ];
        let ruled = types.into_iter().flat_map(|(rule_type, class)| {
            rulebook.of(rule_type).filter_map(move |rule| {
                let word = normalize(rule.text()?);
                Some(Entry {
                    class,
                    word,
                    rule: Some(rule.clone()),
                })
            })
        });
        let entries: Vec<Entry> = built_in
            .chain(names)
            .chain(ruled)
            .filter(|entry| !entry.word.is_empty())
            .collect();
        let patterns = rulebook
            .of("restricted")
            .filter(|rule| matches!(rule.value, RuleValue::Pattern(_)));
        let automaton = AhoCorasick::new(entries.iter().map(|entry| &entry.word));
        let automaton = automaton.map_err(|error| {
            config_error(
                "too-many-words",
                format!("no search for the forbidden and restricted words can be built: {error}"),
                "shorten the relation forbidden, or the rules of restricted words",
            )
        })?;
        Ok(WordFinder {
            automaton,
            patterns: patterns.cloned().collect(),
            entries,
        })
    }

    /// The distinct words in a normalised text, by class.
    pub(crate) fn found(
        &self,
        text: &str,
        scope: &RuleScope<'_>,
    ) -> Result<BTreeSet<(Class, String)>, Error> {
        let mut found = BTreeSet::new();
        for hit in self.automaton.find_overlapping_iter(text) {
            let entry = self.entries.get(hit.pattern().as_usize());
            let entry =
                entry.ok_or_else(|| Error::defect("unknown-word", "a word has no entry"))?;
            let here = entry.rule.as_ref().is_none_or(|rule| rule.applies(scope));
            if here && is_whole(entry, text, hit.start(), hit.end()) {
                found.insert((entry.class, entry.word.clone()));
            }
        }
        for rule in self.patterns.iter().filter(|rule| rule.applies(scope)) {
            if let RuleValue::Pattern(pattern) = &rule.value
                && let Some(hit) = pattern.find(text)
            {
                found.insert((Class::Restricted, hit.as_str().to_string()));
            }
        }
        Ok(found)
    }
}

/// Names and restricted words count as whole words, health words from their beginning, phrases
/// anywhere. Only ASCII letters and digits continue a word.
fn is_whole(entry: &Entry, text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|head| head.chars().next_back());
    let after = text.get(end..).and_then(|tail| tail.chars().next());
    let begins = !joins(before, entry.word.chars().next());
    let ends = !joins(entry.word.chars().next_back(), after);
    match entry.class {
        Class::Forbidden | Class::Restricted => begins && ends,
        Class::Health => begins,
        Class::Softening | Class::Exclusive => true,
    }
}

fn joins(before: Option<char>, after: Option<char>) -> bool {
    let latin = |at: Option<char>| at.is_some_and(|at| at.is_ascii_alphanumeric());
    latin(before) && latin(after)
}
