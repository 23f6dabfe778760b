//! Messages of the past: the rows of the relation `history`.

use jiff::Timestamp;

use crate::input::cell::Row;
use crate::people::consents::Consent;
use crate::rules::clock;

/// One message that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PastSend {
    /// The id of the template without its version.
    pub(crate) template: String,
    /// Version, incident and channel are None where the history has none.
    pub(crate) version: Option<String>,
    pub(crate) incident: Option<String>,
    /// Counts against the caps: an advertisement, or a message without a purpose.
    pub(crate) promotes: bool,
    /// None when the time cannot be parsed.
    pub(crate) at: Option<Timestamp>,
    /// It is not known whether the message arrived.
    pub(crate) uncertain: bool,
    /// Lower case.
    pub(crate) channel: Option<String>,
    /// The person opened it, clicked, replied or bought.
    pub(crate) answered: bool,
}

/// One row of the relation `history`.
pub(crate) struct HistoryEntry {
    pub(crate) sent: PastSend,
    pub(crate) complained: bool,
    unsubscribed: bool,
}

impl HistoryEntry {
    /// None for a message that certainly did not arrive.
    pub(crate) fn read(row: &Row<'_>) -> Option<HistoryEntry> {
        let outcome = row.text("outcome").unwrap_or_default().to_lowercase();
        let lost = [
            "failed",
            "bounced",
            "rejected",
            "undelivered",
            "refused",
            "dry-run",
        ];
        if lost.contains(&outcome.as_str()) {
            return None;
        }
        let written = row
            .text("template_id")
            .or_else(|| row.text("template"))
            .unwrap_or_default();
        let (template, version) = match written.split_once('@') {
            Some((name, version)) => (name.to_string(), Some(version.to_string())),
            None => (written, row.text("template_version")),
        };
        let purpose = row.text("purpose").unwrap_or_default().to_lowercase();
        Some(HistoryEntry {
            complained: ["complained", "complaint", "spam"].contains(&outcome.as_str()),
            unsubscribed: outcome == "unsubscribed",
            sent: PastSend {
                template,
                version,
                incident: row.text("incident"),
                promotes: purpose.is_empty() || purpose.contains("advertisement"),
                at: row
                    .text("sent_at")
                    .and_then(|text| clock::parse_instant(&text)),
                uncertain: outcome == "unknown",
                channel: row.text("channel").map(|text| text.to_lowercase()),
                answered: ["opened", "clicked", "answered", "replied", "bought"]
                    .contains(&outcome.as_str()),
            },
        })
    }
    /// The refusal that an unsubscribe or a complaint is.
    pub(crate) fn refusal(&self) -> Option<Consent> {
        (self.complained || self.unsubscribed).then(|| Consent {
            state: "refused".to_string(),
            channel: self.sent.channel.clone(),
            at: self.sent.at,
            proof: None,
        })
    }
}
