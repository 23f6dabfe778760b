//! Consents to advertisements, refusals, and which refusal is in force.

use jiff::Timestamp;
use tsugi_plugin::Row;

use crate::input::row_store::stored;
use crate::input::values::{Trimmed, lower, owned};
use crate::rules::clock;

/// One row of the relation `consents`.
#[derive(Debug, Row)]
pub(crate) struct ConsentRow<'a> {
    pub(crate) customer_id: Option<Trimmed<'a>>,
    purpose: Option<Trimmed<'a>>,
    state: Option<Trimmed<'a>>,
    at: Option<Trimmed<'a>>,
    #[row(optional)]
    channel: Option<Trimmed<'a>>,
    #[row(optional)]
    proof: Option<Trimmed<'a>>,
}
stored!(ConsentRow {
    customer_id,
    purpose,
    state,
    at,
    channel,
    proof
});

/// One consent or refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consent {
    /// `granted`, `confirmed` (from the address itself) or `refused`; anything else counts as
    /// unconfirmed.
    pub(crate) state: String,
    /// None for all channels.
    pub(crate) channel: Option<String>,
    /// None when the time cannot be parsed.
    pub(crate) at: Option<Timestamp>,
    /// Reference to the record of the consent.
    pub(crate) proof: Option<String>,
}

impl Consent {
    /// None for a row that does not concern advertisements.
    pub(crate) fn of(row: ConsentRow<'_>) -> Option<Consent> {
        let purpose = lower(row.purpose).unwrap_or_default();
        if !matches!(purpose.as_str(), "" | "all" | "advertisement") {
            return None;
        }
        Some(Consent {
            state: lower(row.state).unwrap_or_default(),
            channel: lower(row.channel).filter(|channel| channel != "all"),
            at: row.at.and_then(|text| clock::parse_instant(&text)),
            proof: owned(row.proof),
        })
    }

    pub(crate) fn is_granted(&self) -> bool {
        matches!(self.state.as_str(), "granted" | "confirmed")
    }
}

/// A refusal on any channel stops advertisements on all of them, at once. It is in force until a
/// later proven consent for the same channel, and for good when its date cannot be parsed.
pub(crate) fn refusal_in_force(all: &[Consent]) -> Option<&Consent> {
    all.iter()
        .filter(|consent| consent.state == "refused")
        .find(|refusal| {
            !all.iter().any(|other| {
                let same = other.channel == refusal.channel || other.channel.is_none();
                let later = refusal
                    .at
                    .is_some_and(|refused| other.at.is_some_and(|at| at > refused));
                other.is_granted() && other.proof.is_some() && same && later
            })
        })
}
