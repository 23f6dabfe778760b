//! One composed message as a row: columns, decision, content hash.

use jiff::Timestamp;

use crate::input::cell::Cell;
use crate::message::hash;
use crate::message::reasons::{Reason, Weight};

/// The columns of `compose`: name, Arrow format, may be null.
pub(crate) const COLUMNS: &[(&str, &str, bool)] = &[
    ("incident", "u", false),
    ("customer_id", "u", true),
    ("order_id", "u", true),
    ("certainty", "u", false),
    ("purpose", "u", false),
    ("template_id", "u", true),
    ("template_version", "u", true),
    ("channel", "u", true),
    ("address", "u", true),
    ("language", "u", true),
    ("sender", "u", true),
    ("sender_address", "u", true),
    ("contact", "u", true),
    ("refusal_link", "u", true),
    ("owner", "u", true),
    ("subject", "u", true),
    ("body", "u", true),
    ("earliest_at", "tsu:UTC", true),
    ("decision", "u", false),
    ("reasons", "u", false),
    ("reason_codes", "u", false),
    ("fields_used", "u", false),
    ("content_hash", "u", true),
    ("recipients", "l", false),
    ("fatigue", "u", true),
    ("images", "u", true),
    ("headers", "u", true),
    ("written_by", "u", true),
    ("important", "b", false),
    ("remedy_value", "g", true),
];

/// Columns that the content hash covers, in this order: everything the person reads.
pub(crate) const HASHED: &[&str] = &[
    "purpose",
    "channel",
    "language",
    "template_id",
    "template_version",
    "sender",
    "sender_address",
    "contact",
    "refusal_link",
    "subject",
    "body",
];

/// Columns that the content hash covers as `name=value` where they are not blank, so that messages
/// without them have the hash of versions that did not know the column.
pub(crate) const HASHED_UNLESS_BLANK: &[&str] = &["images"];

/// One message to one person about one incident.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Message {
    pub(crate) incident: String,
    /// None for a sale without a buyer's name.
    pub(crate) customer_id: Option<String>,
    /// The orders named in the message, joined by `, `.
    pub(crate) order_id: Option<String>,
    /// `certain` or `possible`.
    pub(crate) certainty: &'static str,
    /// The purpose whose rules were applied.
    pub(crate) purpose: &'static str,
    pub(crate) template_id: Option<String>,
    pub(crate) template_version: Option<String>,
    /// Channel and address of the contact on the order.
    pub(crate) channel: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) language: Option<String>,
    pub(crate) sender: Option<String>,
    /// Postal address of the sender.
    pub(crate) sender_address: Option<String>,
    /// The named person to turn to.
    pub(crate) contact: Option<String>,
    /// Where the person refuses advertisements.
    pub(crate) refusal_link: Option<String>,
    /// The store or adviser of the person.
    pub(crate) owner: Option<String>,
    /// Subject and body are None when no text could be rendered.
    pub(crate) subject: Option<String>,
    pub(crate) body: Option<String>,
    pub(crate) earliest_at: Option<Timestamp>,
    /// Heaviest first.
    pub(crate) reasons: Vec<Reason>,
    /// Pairs of `field=legal basis`, joined by `, `.
    pub(crate) fields_used: String,
    /// People of the incident who get the same text, their own fields aside.
    pub(crate) recipients: u64,
    /// How saturated the person is with advertisements, for the reviewer.
    pub(crate) fatigue: Option<&'static str>,
    /// URLs of the pictures joined by blanks, the logo first.
    pub(crate) images: Option<String>,
    /// Header lines that a mail must carry.
    pub(crate) headers: Option<String>,
    /// Author of the text, who may not approve it.
    pub(crate) written_by: Option<String>,
    /// The person is important, so that the host asks for a review.
    pub(crate) important: bool,
    /// What the remedy is worth, in the currency of the pipeline.
    pub(crate) remedy_value: Option<f64>,
}

impl Message {
    /// The heaviest weight of the reasons.
    pub(crate) fn weight(&self) -> Weight {
        self.reasons
            .iter()
            .map(|reason| reason.weight)
            .max()
            .unwrap_or(Weight::Note)
    }

    /// `send`, `hold`, `review` or `suppress`.
    pub(crate) fn decision(&self) -> &'static str {
        self.weight().decision()
    }

    /// The reasons joined by `; `.
    pub(crate) fn reasons_text(&self) -> String {
        let all: Vec<String> = self.reasons.iter().map(Reason::to_string).collect();
        all.join("; ")
    }

    /// SHA-256 over what the person reads; None when no text could be rendered.
    pub(crate) fn content_hash(&self) -> Option<String> {
        let (subject, body) = (self.subject.as_deref()?, self.body.as_deref()?);
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut parts = vec![
            self.purpose.to_string(),
            text(&self.channel),
            text(&self.language),
            text(&self.template_id),
            text(&self.template_version),
            text(&self.sender),
            text(&self.sender_address),
            text(&self.contact),
            text(&self.refusal_link),
            subject.to_string(),
            body.to_string(),
        ];
        parts.extend(
            self.images
                .as_ref()
                .map(|images| format!("images={images}")),
        );
        Some(hash::of(parts.iter().map(String::as_str)))
    }

    /// The row in the order of [`COLUMNS`]; times as whole microseconds since 1970 in UTC.
    pub(crate) fn cells(&self) -> Vec<Cell> {
        let text = |value: &Option<String>| value.clone().map_or(Cell::Null, Cell::Text);
        let mut codes: Vec<&str> = self.reasons.iter().map(|reason| reason.code).collect();
        codes.dedup();
        vec![
            Cell::Text(self.incident.clone()),
            text(&self.customer_id),
            text(&self.order_id),
            Cell::from(self.certainty),
            Cell::from(self.purpose),
            text(&self.template_id),
            text(&self.template_version),
            text(&self.channel),
            text(&self.address),
            text(&self.language),
            text(&self.sender),
            text(&self.sender_address),
            text(&self.contact),
            text(&self.refusal_link),
            text(&self.owner),
            text(&self.subject),
            text(&self.body),
            self.earliest_at
                .map_or(Cell::Null, |at| Cell::Int(at.as_microsecond())),
            Cell::from(self.decision()),
            Cell::Text(self.reasons_text()),
            Cell::Text(codes.join(" ")),
            Cell::Text(self.fields_used.clone()),
            self.content_hash().map_or(Cell::Null, Cell::Text),
            i64::try_from(self.recipients).map_or(Cell::Null, Cell::Int),
            self.fatigue.map_or(Cell::Null, Cell::from),
            text(&self.images),
            text(&self.headers),
            text(&self.written_by),
            Cell::Bool(self.important),
            self.remedy_value.map_or(Cell::Null, Cell::Float),
        ]
    }
}
