//! Topic rules: rows of a table, checked and made ready to be looked for in one pass.

use std::collections::HashMap;
use std::fmt;

use aho_corasick::AhoCorasick;

use super::families::expand;
use super::row::RuleRow;
use super::typos::Typos;
use crate::fold::Folded;

/// The gap that is allowed where a rule names none: characters in Japanese, words elsewhere.
const JAPANESE_GAP: u32 = 16;
const WORD_GAP: u32 = 8;
/// Bounds on what an analyst may hand in, so that a wrong table cannot fill the memory.
const RULES_MAX: usize = 10_000;
const TERMS_MAX: usize = 200_000;
const TERM_MAX_BYTES: usize = 300;
/// What may follow a term inside its word.
const COMPOUND_MAX_CHARACTERS: usize = 40;

/// A row of the rules that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The row, counted from 1.
    pub row: usize,
    /// What is wrong with it and what to do.
    pub what: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "topic rule {}: {}", self.row, self.what)
    }
}

impl std::error::Error for RuleError {}

/// Rules made ready.
#[derive(Debug)]
pub struct Rules {
    pub(super) rules: Vec<Rule>,
    pub(super) terms: Vec<Term>,
    /// The terms that share the text of each pattern.
    pub(super) pattern_terms: Vec<Vec<usize>>,
    pub(super) find: AhoCorasick,
    pub(super) patterns: Vec<String>,
    pub(super) typos: Typos,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub topic: String,
    pub severity: String,
    pub lang: String,
    pub needs_part: bool,
    pub max_gap: u32,
}

/// Which endings a term may take in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tongue {
    Japanese,
    English,
    German,
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Part,
    Defect,
    Exclude,
}

/// Where a term is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub rule: usize,
    pub role: Role,
    /// The alternative, numbered through all rules.
    pub alternative: usize,
    /// Of an alternative in two pieces (`came .. off`): which piece this is, else none.
    pub piece: Option<bool>,
    /// A defect that counts even when it is denied (`=`), an exclude that counts anywhere in the text (`!`).
    pub marked: bool,
}

#[derive(Debug)]
pub(super) struct Term {
    pub tongue: Tongue,
    /// The term may begin inside a word, end inside one.
    pub open_begin: bool,
    pub open_end: bool,
    /// Only these may follow the term in its word; none: the usual endings of its language.
    pub ends: Option<&'static [&'static str]>,
    pub uses: Vec<Use>,
}

type TermKey = (String, Tongue, bool, bool, Option<&'static [&'static str]>);

#[derive(Default)]
struct Builder {
    terms: Vec<Term>,
    by_key: HashMap<TermKey, usize>,
    patterns: Vec<String>,
    by_pattern: HashMap<String, usize>,
    pattern_terms: Vec<Vec<usize>>,
    alternatives: usize,
}

impl Rules {
    /// Checks `rows` and makes them ready.
    ///
    /// # Errors
    /// Names the first row that has no topic, no defect, or a term that is empty, too long or one too many.
    pub fn new<'a>(rows: impl IntoIterator<Item = RuleRow<'a>>) -> Result<Self, RuleError> {
        let (mut builder, mut rules) = (Builder::default(), Vec::new());
        for (at, row) in rows.into_iter().enumerate() {
            let fail = |what: String| RuleError { row: at + 1, what };
            if at >= RULES_MAX {
                return Err(fail(format!(
                    "more than {RULES_MAX} rules; put alternatives into one row, separated by |"
                )));
            }
            if row.topic.trim().is_empty() {
                return Err(fail("no topic; name what a match means".to_owned()));
            }
            if row.defect.trim().is_empty() {
                return Err(fail(format!(
                    "topic {} has no defect; write at least one word",
                    row.topic
                )));
            }
            for written in expand(&row).map_err(fail)? {
                let fail = |what: String| RuleError { row: at + 1, what };
                let lang = written.lang;
                for (role, list) in [
                    (Role::Part, &written.part),
                    (Role::Defect, &written.defect),
                    (Role::Exclude, &written.exclude),
                ] {
                    builder.add(rules.len(), role, list, &lang).map_err(fail)?;
                }
                let usual_gap = if lang == "ja" { JAPANESE_GAP } else { WORD_GAP };
                rules.push(Rule {
                    topic: row.topic.trim().to_owned(),
                    severity: row.severity.trim().to_owned(),
                    needs_part: !written.part.trim().is_empty(),
                    max_gap: written.max_gap.unwrap_or(usual_gap),
                    lang,
                });
            }
        }
        let find = AhoCorasick::new(&builder.patterns).map_err(|error| RuleError {
            row: rules.len(),
            what: format!("the rules are too many: {error}"),
        })?;
        Ok(Self {
            rules,
            terms: builder.terms,
            typos: Typos::new(&builder.patterns),
            patterns: builder.patterns,
            pattern_terms: builder.pattern_terms,
            find,
        })
    }
}

impl Rules {
    /// The severity that the first rule of a topic states; blank where there is none.
    #[must_use]
    pub fn severity(&self, topic: &str) -> &str {
        let rule = self.rules.iter().find(|rule| rule.topic == topic);
        rule.map_or("", |rule| rule.severity.as_str())
    }
}

impl Builder {
    fn add(&mut self, rule: usize, role: Role, list: &str, lang: &str) -> Result<(), String> {
        for alternative in list
            .split('|')
            .map(str::trim)
            .filter(|alternative| !alternative.is_empty())
        {
            if alternative.len() > TERM_MAX_BYTES {
                return Err(format!(
                    "a term of {} bytes; at most {TERM_MAX_BYTES} are allowed",
                    alternative.len()
                ));
            }
            let mark = match role {
                Role::Part => None,
                Role::Defect => Some('='),
                Role::Exclude => Some('!'),
            };
            let unmarked = mark.and_then(|mark| alternative.strip_prefix(mark));
            let used = Use {
                rule,
                role,
                alternative: self.alternatives,
                piece: None,
                marked: unmarked.is_some(),
            };
            self.alternatives += 1;
            let alternative = unmarked.unwrap_or(alternative);
            match alternative.split_once(" .. ") {
                Some((first, second)) => {
                    self.term(
                        first,
                        lang,
                        Use {
                            piece: Some(false),
                            ..used
                        },
                    )?;
                    self.term(
                        second,
                        lang,
                        Use {
                            piece: Some(true),
                            ..used
                        },
                    )?;
                }
                None => self.term(alternative, lang, used)?,
            }
        }
        Ok(())
    }

    fn term(&mut self, written: &str, lang: &str, used: Use) -> Result<(), String> {
        let trimmed = written.trim();
        let open_begin = trimmed.starts_with('*');
        let open_end = trimmed.len() > 1 && trimmed.ends_with('*');
        let bare = trimmed.trim_matches('*').trim();
        let folded = Folded::new(bare);
        let text = folded.text().trim();
        if text.is_empty() {
            return Err(format!("the term {written:?} is empty; write a word"));
        }
        let tongue = match lang {
            "ja" => Tongue::Japanese,
            "en" => Tongue::English,
            "de" => Tongue::German,
            _ if text.chars().any(|c| !c.is_ascii() && c as u32 > 0x2fff) => Tongue::Japanese,
            _ => Tongue::Any,
        };
        self.push((text.to_owned(), tongue, open_begin, open_end, None), used)?;
        // separate → separating, try → tries: forms in which the word itself changes.
        if matches!(tongue, Tongue::English | Tongue::Any) && !open_end && text.len() > 3 {
            if let Some(stem) = text.strip_suffix('e') {
                self.push(
                    (stem.to_owned(), tongue, open_begin, false, Some(&["ing"])),
                    used,
                )?;
            } else if let Some(stem) = text.strip_suffix('y') {
                self.push(
                    (
                        format!("{stem}i"),
                        tongue,
                        open_begin,
                        false,
                        Some(&["es", "ed"]),
                    ),
                    used,
                )?;
            }
        }
        Ok(())
    }

    fn push(&mut self, key: TermKey, used: Use) -> Result<(), String> {
        if self.by_key.len() >= TERMS_MAX {
            return Err(format!("more than {TERMS_MAX} terms in all rules"));
        }
        let pattern = *self.by_pattern.entry(key.0.clone()).or_insert_with(|| {
            self.patterns.push(key.0.clone());
            self.pattern_terms.push(Vec::new());
            self.patterns.len() - 1
        });
        let (tongue, open_begin, open_end, ends) = (key.1, key.2, key.3, key.4);
        let term = *self.by_key.entry(key).or_insert_with(|| {
            self.terms.push(Term {
                tongue,
                open_begin,
                open_end,
                ends,
                uses: Vec::new(),
            });
            if let Some(terms) = self.pattern_terms.get_mut(pattern) {
                terms.push(self.terms.len() - 1);
            }
            self.terms.len() - 1
        });
        if let Some(term) = self.terms.get_mut(term) {
            term.uses.push(used);
        }
        Ok(())
    }
}

const ENGLISH_ENDS: &[&str] = &["s", "es", "d", "ed", "ing", "'s", "er", "ers", "y"];
const GERMAN_ENDS: &[&str] = &[
    "e", "en", "er", "es", "em", "n", "s", "t", "te", "ten", "tes", "ter", "tem", "st", "et", "se",
    "sen", "ern", "end", "ende", "enden", "ete", "eten", "ere", "eren",
];

impl Term {
    /// Whether a match may be this term: `before` is the character in front of it, `behind` the text that follows,
    /// `last` its own last character. Gives how many bytes of `behind` still belong to the word.
    pub(super) fn fits(&self, before: Option<char>, behind: &str, last: char) -> Option<usize> {
        if self.tongue == Tongue::Japanese {
            return Some(0);
        }
        if !self.open_begin && before.is_some_and(char::is_alphanumeric) {
            return None;
        }
        // Endings and compounds are short: a text that is one long word must not be read to its end at every place.
        let ending = behind
            .chars()
            .take(COMPOUND_MAX_CHARACTERS)
            .take_while(|&c| c.is_alphanumeric() || c == '\'');
        let rest_len = ending.map(char::len_utf8).sum();
        let rest = behind
            .get(..rest_len)
            .unwrap_or_default()
            .trim_end_matches('\'');
        if rest.is_empty() || self.open_end {
            return Some(rest.len());
        }
        let fits = match (self.ends, self.tongue) {
            (Some(ends), _) => ends.contains(&rest),
            (None, Tongue::German) => GERMAN_ENDS.contains(&rest),
            (None, Tongue::English) => english_end(rest, last),
            (None, _) => english_end(rest, last) || GERMAN_ENDS.contains(&rest),
        };
        fits.then_some(rest.len())
    }
}

/// split → splitting: the last letter may double before an ending.
fn english_end(rest: &str, last: char) -> bool {
    ENGLISH_ENDS.contains(&rest)
        || rest
            .strip_prefix(last)
            .is_some_and(|rest| matches!(rest, "ed" | "ing" | "er" | "y"))
}
