//! Why a message is sent, held, reviewed or suppressed: codes, weights, sentences.

use std::fmt;

/// The effect of a reason; the decision on a message is the heaviest of its reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// For the record only.
    Note,
    /// The message waits for missing information and has no earliest time.
    Hold,
    /// A person decides.
    Review,
    /// The message must not be sent.
    Suppress,
}

impl Weight {
    /// The value of the column `decision`.
    pub(crate) fn decision(self) -> &'static str {
        match self {
            Weight::Note => "send",
            Weight::Hold => "hold",
            Weight::Review => "review",
            Weight::Suppress => "suppress",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reason {
    /// One of [`CODES`].
    pub(crate) code: &'static str,
    pub(crate) weight: Weight,
    pub(crate) sentence: String,
}

impl Reason {
    /// Replaces `;` and line breaks in the sentence, because reasons are joined by `; `.
    pub(crate) fn new(code: &'static str, weight: Weight, sentence: impl Into<String>) -> Self {
        Reason {
            code,
            weight,
            sentence: sentence.into().replace(';', ",").replace('\n', " "),
        }
    }

    /// Prefixes the sentence with the field it is about.
    pub(crate) fn about(mut self, field: &str) -> Reason {
        self.sentence = format!("{field}: {}", self.sentence);
        self
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.sentence)
    }
}

/// Codes of rules for advertisements and quiet hours. They never stop a safety recall; the row gets
/// the reason `alert` instead.
pub(crate) const OVERRIDDEN_BY_RECALL: &[&str] = &[
    "cap-unreadable",
    "complaint-rate",
    "frequency-cap",
    "over-saturated",
    "paused",
    "quiet-hours",
    "quiet-hours-overridden",
    "refused",
    "staff-hold",
    "time-zone-unknown",
];
