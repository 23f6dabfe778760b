//! The score of a text in -1..1, its language, and the words that decided.

use crate::language::{self, Language};
use crate::tally::Tally;
use crate::{clauses, english, german, japanese, portuguese};

/// Below this the score counts as negative, above its mirror as positive (VADER's thresholds).
const NEUTRAL: f64 = 0.05;

/// The sentiment of a text, and what explains it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentiment {
    /// -1 (bad) to 1 (good); none when no word was understood.
    pub score: Option<f64>,
    /// `positive`, `neutral`, `negative`, or `unknown` when no word was understood.
    pub label: &'static str,
    /// The language the text was read as: the one given, or the one found (`und` when none was).
    pub language: String,
    /// Share of the text, by length, that stands in sentences of which at least one word was understood.
    pub coverage: f64,
    /// The words that decided, as they stand in the text.
    pub words: Vec<String>,
}

/// The score of `text` alone: -1..1, or none when nothing was understood.
///
/// `lang` is a BCP 47 tag such as `ja` or `de-CH`; empty means that the language is to be found.
#[must_use]
pub fn score(text: &str, lang: &str) -> Option<f64> {
    tally(text, language::of(text, lang), false).score
}

/// The score of `text` with all that explains it. `lang` as for [`score`].
#[must_use]
pub fn read(text: &str, lang: &str) -> Sentiment {
    let found = language::of(text, lang);
    let language = match found {
        Language::Other if !lang.trim().is_empty() => language::primary(lang),
        found => found.tag().to_owned(),
    };
    let tally = tally(text, found, true);
    let coverage = if tally.length == 0 {
        0.0
    } else {
        tally.understood as f64 / tally.length as f64
    };
    Sentiment {
        score: tally.score,
        label: label(tally.score),
        language,
        coverage,
        words: tally.words,
    }
}

/// The word for a score.
#[must_use]
pub fn label(score: Option<f64>) -> &'static str {
    match score {
        None => "unknown",
        Some(score) if score >= NEUTRAL => "positive",
        Some(score) if score <= -NEUTRAL => "negative",
        Some(_) => "neutral",
    }
}

fn tally(text: &str, language: Language, collect: bool) -> Tally {
    match language {
        Language::Japanese => japanese::read(text, collect),
        Language::German => clauses::read(&german::GRAMMAR, text, collect),
        Language::Portuguese => clauses::read(&portuguese::GRAMMAR, text, collect),
        Language::English => english::read(text, collect),
        // A language that no rules read is not scored by the rules of another.
        Language::Chinese
        | Language::French
        | Language::Italian
        | Language::Spanish
        | Language::Other => Tally {
            length: text.chars().count(),
            ..Tally::default()
        },
    }
}
