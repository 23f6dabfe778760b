//! Why a message may go, waits, needs a person or must not go: codes, weights, sentences.

use std::fmt;

/// What a reason does to a message; a decision is the heaviest of its reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Said for the record; stops nothing.
    Note,
    /// Waits until something becomes known; no time can be given.
    Hold,
    /// Waits for a person.
    Review,
    /// Must not go.
    Suppress,
}

impl Weight {
    /// The decision as it stands in the `decision` column.
    pub fn decision(self) -> &'static str {
        match self {
            Weight::Note => "send",
            Weight::Hold => "hold",
            Weight::Review => "review",
            Weight::Suppress => "suppress",
        }
    }
}

/// One reason of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// One of [`CODES`].
    pub code: &'static str,
    /// What it does to the message.
    pub weight: Weight,
    /// One sentence for people.
    pub sentence: String,
}

impl Reason {
    /// A reason with its sentence. Reasons are joined by `; `, so a sentence carries none.
    pub fn new(code: &'static str, weight: Weight, sentence: impl Into<String>) -> Self {
        Reason {
            code,
            weight,
            sentence: sentence.into().replace(';', ",").replace('\n', " "),
        }
    }
}

impl Reason {
    /// The same reason, said of a field.
    pub fn about(mut self, field: &str) -> Reason {
        self.sentence = format!("{field}: {}", self.sentence);
        self
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.sentence)
    }
}

/// Every code that `compose` can give, in the order of the README's table.
pub const CODES: &[&str] = &[
    "alert",
    "already-sent",
    "also-possible",
    "bad-subject",
    "cap-unreadable",
    "cause-unconfirmed",
    "clock-before-last-send",
    "complaint-rate",
    "consent-granted",
    "consent-missing",
    "consent-not-needed",
    "consent-opt-out",
    "consent-unconfirmed",
    "consent-unproven",
    "earlier-version-sent",
    "exclusive-wording",
    "field-not-permitted",
    "field-undeclared",
    "forbidden-word",
    "foreign-domain",
    "frequency-cap",
    "health-word",
    "history-unreadable",
    "holdout",
    "important-and-angry",
    "important-customer",
    "known-at-unreadable",
    "language-assumed",
    "language-fallback",
    "large-send",
    "logo-wrong",
    "missing-field",
    "missing-part",
    "mixed-purpose",
    "new-template",
    "no-address",
    "no-one-click",
    "no-possible-wording",
    "no-template",
    "offer-conflict",
    "offer-upgraded",
    "open-field-too-long",
    "open-incident",
    "over-saturated",
    "paused",
    "person-ambiguous",
    "purposes-separated",
    "quiet-hours",
    "quiet-hours-overridden",
    "refused",
    "remedy-unequal",
    "remedy-unreadable",
    "restricted-word",
    "send-unknown",
    "softened-risk",
    "staff-hold",
    "template-ambiguous",
    "template-broken",
    "template-changed",
    "template-unapproved",
    "template-unlocked",
    "time-zone-unknown",
    "unsafe-field",
];

/// Codes of rules made for advertisements, or to keep the night quiet: on a safety recall they
/// stop nothing and call a person.
pub const PASSED_OVER: &[&str] = &[
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
