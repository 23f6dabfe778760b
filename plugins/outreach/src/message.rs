//! One composed message as a row: its columns, its decision and the hash of its words.

use jiff::Timestamp;

use crate::cell::Cell;
use crate::digest;
use crate::reasons::{Reason, Weight};

/// The columns of `compose`: name, Arrow format, may be null.
pub const COLUMNS: &[(&str, &str, bool)] = &[
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

/// What the content hash covers, in this order: everything the person would see.
pub const HASHED: &[&str] = &[
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

/// What the content hash covers beside that, where it is not blank: named, so that a message
/// without it keeps its hash.
pub const HASHED_IF_SAID: &[&str] = &["images"];

/// One message to one person about one incident.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Message {
    /// The incident.
    pub incident: String,
    /// The buyer; absent for a sale without a name.
    pub customer_id: Option<String>,
    /// The orders spoken of.
    pub order_id: Option<String>,
    /// `certain` or `possible`.
    pub certainty: &'static str,
    /// The purpose whose rules were applied.
    pub purpose: &'static str,
    /// The template.
    pub template_id: Option<String>,
    /// Its version.
    pub template_version: Option<String>,
    /// The channel on the order.
    pub channel: Option<String>,
    /// The contact on the order.
    pub address: Option<String>,
    /// The language written in.
    pub language: Option<String>,
    /// Who writes.
    pub sender: Option<String>,
    /// Where the sender is at home.
    pub sender_address: Option<String>,
    /// The named person to turn to.
    pub contact: Option<String>,
    /// How to refuse advertisements.
    pub refusal_link: Option<String>,
    /// The store or adviser who knows the person.
    pub owner: Option<String>,
    /// One line; absent when nothing could be written.
    pub subject: Option<String>,
    /// The words; absent when nothing could be written.
    pub body: Option<String>,
    /// Not before this.
    pub earliest_at: Option<Timestamp>,
    /// All reasons, heaviest first.
    pub reasons: Vec<Reason>,
    /// `field=basis` pairs.
    pub fields_used: String,
    /// How many people of this incident get this text, their own fields aside.
    pub recipients: u64,
    /// How tired the person is of advertisements; for whoever reviews the message.
    pub fatigue: Option<&'static str>,
    /// Addresses of the pictures shown, the logo first.
    pub images: Option<String>,
    /// Header lines that a mail must carry.
    pub headers: Option<String>,
    /// Who wrote the text; who wrote it may not approve it.
    pub written_by: Option<String>,
    /// Whether the person is one for whom somebody must look first.
    pub important: bool,
    /// What the remedy is worth, in the money of the pipeline.
    pub remedy_value: Option<f64>,
}

impl Message {
    /// The heaviest of the reasons.
    pub fn weight(&self) -> Weight {
        self.reasons
            .iter()
            .map(|reason| reason.weight)
            .max()
            .unwrap_or(Weight::Note)
    }

    /// `send`, `hold`, `review` or `suppress`.
    pub fn decision(&self) -> &'static str {
        self.weight().decision()
    }

    /// All reasons as text, joined by `; `.
    pub fn reasons_text(&self) -> String {
        let all: Vec<String> = self.reasons.iter().map(Reason::to_string).collect();
        all.join("; ")
    }

    /// Whether a reason of this code was given.
    pub fn has(&self, code: &str) -> bool {
        self.reasons.iter().any(|reason| reason.code == code)
    }

    /// SHA-256 over what the person would see; absent when nothing could be written.
    pub fn content_hash(&self) -> Option<String> {
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
        Some(digest::of(parts.iter().map(String::as_str)))
    }

    /// The row in the order of [`COLUMNS`]; times as whole microseconds since 1970 in UTC.
    pub fn cells(&self) -> Vec<Cell> {
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
