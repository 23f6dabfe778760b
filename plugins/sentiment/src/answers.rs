//! What the functions of a text return in several columns.

use tsugi_plugin::Record;

use crate::signals::Signals;

/// What `sentiment_detail` returns.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct Detail {
    /// -1 (bad) to 1 (good); null when no word was understood.
    pub score: Option<f64>,
    /// `positive`, `neutral`, `negative` or `unknown`.
    pub label: String,
    /// The language the text was read as; `und` when none was found.
    pub language: String,
    /// Share of the text in sentences that were understood, 0 to 1.
    pub coverage: f64,
    /// The words that decided, joined by a comma.
    pub words: String,
}

/// What `text_signals` returns.
#[derive(Clone, Debug, PartialEq, Record)]
pub struct TextSignals {
    /// Whether the writer has tried again, waited or been sent around.
    pub effort: bool,
    /// The phrases that say so, joined by a comma.
    pub effort_words: String,
    /// Whether the writer asks or demands something.
    pub needs_answer: bool,
    /// The phrases that say so, joined by a comma.
    pub answer_words: String,
    /// Whether a date that matters is near, or haste is wanted.
    pub urgent: bool,
    /// The phrases that say so, joined by a comma.
    pub urgent_words: String,
    /// Whether a person was harmed or could be: a fall, fire, blood, a hospital.
    pub danger: bool,
    /// The phrases that say so, joined by a comma.
    pub danger_words: String,
}

impl From<Signals> for TextSignals {
    fn from(found: Signals) -> Self {
        Self {
            effort: !found.effort.is_empty(),
            effort_words: found.effort.join(", "),
            needs_answer: !found.answer.is_empty(),
            answer_words: found.answer.join(", "),
            urgent: !found.urgent.is_empty(),
            urgent_words: found.urgent.join(", "),
            danger: !found.danger.is_empty(),
            danger_words: found.danger.join(", "),
        }
    }
}
