//! Scores what customers say and sorts it into topics.

mod answers;
mod chinese;
mod clauses;
mod copies;
mod emphasis;
pub mod english;
pub mod fold;
mod german;
pub mod grammar_ja;
mod grams;
mod japanese;
pub mod language;
pub mod learned;
pub mod model;
mod portuguese;
mod rising;
mod romance;
pub mod score;
pub mod signals;
mod suggest;
mod tables;
mod tally;
pub mod topics;
mod words;

pub use answers::{Detail, TextSignals};
pub use tables::{
    NearDuplicatesTable, RisingTermsTable, ScoreSentimentTable, SuggestTopicsTable, TopicsTable,
    TrainSentimentTable, TrainTopicsTable,
};
use tsugi_plugin::scalar;

/// How glad a text sounds, from -1 to 1; null when no word of it was understood. A null language is found.
#[scalar]
pub fn sentiment(text: &str, lang: Option<&str>) -> Option<f64> {
    score::score(text, lang.unwrap_or_default())
}

/// As `sentiment(text, lang)`, with the language found.
#[scalar(name = "sentiment")]
pub fn sentiment_found(text: &str) -> Option<f64> {
    score::score(text, "")
}

/// The score of a text with its label, language, coverage and the words that decided.
#[scalar]
pub fn sentiment_detail(text: &str, lang: Option<&str>) -> Detail {
    let read = score::read(text, lang.unwrap_or_default());
    Detail {
        score: read.score,
        label: read.label.to_owned(),
        language: read.language,
        coverage: read.coverage,
        words: read.words.join(", "),
    }
}

/// As `sentiment_detail(text, lang)`, with the language found.
#[scalar(name = "sentiment_detail")]
pub fn sentiment_detail_found(text: &str) -> Detail {
    sentiment_detail(text, None)
}

/// `positive`, `neutral`, `negative`, or `unknown` when no word of the text was understood.
#[scalar]
pub fn sentiment_label(text: &str, lang: Option<&str>) -> &'static str {
    score::label(score::score(text, lang.unwrap_or_default()))
}

/// As `sentiment_label(text, lang)`, with the language found.
#[scalar(name = "sentiment_label")]
pub fn sentiment_label_found(text: &str) -> &'static str {
    score::label(score::score(text, ""))
}

/// Effort, need for an answer, urgency and danger of a text, each with its phrases. A null language is found.
#[scalar]
pub fn text_signals(text: &str, lang: Option<&str>) -> TextSignals {
    signals::find(text, lang.unwrap_or_default()).into()
}

/// The language that a text is in: `ja`, `en`, `de`, `zh`, `pt`, `fr`, `it` or `es`; `und` for any other.
#[scalar]
pub fn text_language(text: &str) -> &'static str {
    language::detect(text).tag()
}

tsugi_plugin::export! {
    manifest: "plugin.toml",
    scalar: [sentiment, sentiment_found, sentiment_detail, sentiment_detail_found, sentiment_label, sentiment_label_found, text_language, text_signals],
    table: [
        tsugi_plugin::Stream<TopicsTable>,
        tsugi_plugin::Stream<ScoreSentimentTable>,
        tsugi_plugin::Collect<TrainSentimentTable>,
        tsugi_plugin::Collect<TrainTopicsTable>,
        tsugi_plugin::Collect<RisingTermsTable>,
        tsugi_plugin::Collect<NearDuplicatesTable>,
        tsugi_plugin::Collect<SuggestTopicsTable>,
    ],
}
