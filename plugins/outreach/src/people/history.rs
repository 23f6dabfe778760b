//! Messages of the past: the rows of the relation `history`.

use jiff::Timestamp;
use tsugi_plugin::Row;

use crate::input::row_store::stored;
use crate::input::values::Trimmed;
use crate::people::consents::Consent;
use crate::rules::clock;

/// One row of the relation `history`. `volume` of `audience` has no customer_id.
#[derive(Debug, Row)]
pub(crate) struct HistoryRow<'a> {
    #[row(optional)]
    pub(crate) customer_id: Option<Trimmed<'a>>,
    template: Option<Trimmed<'a>>,
    sent_at: Option<Trimmed<'a>>,
    #[row(optional)]
    template_id: Option<Trimmed<'a>>,
    #[row(optional)]
    template_version: Option<Trimmed<'a>>,
    #[row(optional)]
    outcome: Option<Trimmed<'a>>,
    #[row(optional)]
    purpose: Option<Trimmed<'a>>,
    #[row(optional)]
    channel: Option<Trimmed<'a>>,
    #[row(optional)]
    incident: Option<Trimmed<'a>>,
}
stored!(HistoryRow {
    customer_id,
    template,
    sent_at,
    template_id,
    template_version,
    outcome,
    purpose,
    channel,
    incident
});

/// The column that the history of people must have beside those of [`HistoryRow`].
#[derive(Row)]
pub(crate) struct CustomerId<'a> {
    #[expect(dead_code, reason = "only the presence of the column is checked")]
    customer_id: Option<Trimmed<'a>>,
}

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
    pub(crate) fn of(row: &HistoryRow<'_>) -> Option<HistoryEntry> {
        let outcome = row.outcome.as_deref().unwrap_or_default().to_lowercase();
        let outcome = outcome.as_str();
        if matches!(
            outcome,
            "failed" | "bounced" | "rejected" | "undelivered" | "refused" | "dry-run"
        ) {
            return None;
        }
        let text = |text: &Option<Trimmed<'_>>| text.as_deref().map(str::to_string);
        let written = row.template_id.as_deref().or(row.template.as_deref());
        let written = written.unwrap_or_default();
        let (template, version) = match written.split_once('@') {
            Some((name, version)) => (name, Some(version.to_string())),
            None => (written, text(&row.template_version)),
        };
        let purpose = row.purpose.as_deref().unwrap_or_default().to_lowercase();
        let channel = row.channel.as_deref();
        Some(HistoryEntry {
            complained: matches!(outcome, "complained" | "complaint" | "spam"),
            unsubscribed: outcome == "unsubscribed",
            sent: PastSend {
                template: template.to_string(),
                version,
                incident: text(&row.incident),
                promotes: purpose.is_empty() || purpose.contains("advertisement"),
                at: row.sent_at.as_deref().and_then(clock::parse_instant),
                uncertain: outcome == "unknown",
                channel: channel.map(str::to_lowercase),
                answered: matches!(
                    outcome,
                    "opened" | "clicked" | "answered" | "replied" | "bought"
                ),
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
