//! One composed message as a row: columns, decision, content hash.

use jiff::Timestamp;
use tsugi_plugin::Record;

use crate::message::hash;
use crate::message::reasons::{Reason, Weight};

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

    /// The reasons joined by `; `.
    pub(crate) fn reasons_text(&self) -> String {
        let all: Vec<String> = self.reasons.iter().map(Reason::to_string).collect();
        all.join("; ")
    }

    /// SHA-256 over what the person reads; None when no text could be rendered. The images count only
    /// where there are some, so that messages without have the hash of versions that did not know them.
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
}

/// One row of the answer of `compose`.
#[derive(Record)]
pub(crate) struct MessageRow<'a> {
    incident: String,
    customer_id: Option<String>,
    order_id: Option<String>,
    certainty: &'a str,
    purpose: &'a str,
    template_id: Option<String>,
    template_version: Option<String>,
    channel: Option<String>,
    address: Option<String>,
    language: Option<String>,
    sender: Option<String>,
    sender_address: Option<String>,
    contact: Option<String>,
    refusal_link: Option<String>,
    owner: Option<String>,
    subject: Option<String>,
    body: Option<String>,
    earliest_at: Option<tsugi_plugin::Timestamp>,
    decision: &'a str,
    reasons: String,
    reason_codes: String,
    fields_used: String,
    content_hash: Option<String>,
    recipients: i64,
    fatigue: Option<&'a str>,
    images: Option<String>,
    headers: Option<String>,
    written_by: Option<String>,
    important: bool,
    remedy_value: Option<f64>,
}

impl From<Message> for MessageRow<'static> {
    fn from(message: Message) -> MessageRow<'static> {
        let mut codes: Vec<&str> = message.reasons.iter().map(|reason| reason.code).collect();
        codes.dedup();
        let earliest_at = message.earliest_at;
        MessageRow {
            decision: message.weight().decision(),
            reasons: message.reasons_text(),
            reason_codes: codes.join(" "),
            content_hash: message.content_hash(),
            earliest_at: earliest_at.map(|at| tsugi_plugin::Timestamp(at.as_microsecond())),
            recipients: i64::try_from(message.recipients).unwrap_or(i64::MAX),
            incident: message.incident,
            customer_id: message.customer_id,
            order_id: message.order_id,
            certainty: message.certainty,
            purpose: message.purpose,
            template_id: message.template_id,
            template_version: message.template_version,
            channel: message.channel,
            address: message.address,
            language: message.language,
            sender: message.sender,
            sender_address: message.sender_address,
            contact: message.contact,
            refusal_link: message.refusal_link,
            owner: message.owner,
            subject: message.subject,
            body: message.body,
            fields_used: message.fields_used,
            fatigue: message.fatigue,
            images: message.images,
            headers: message.headers,
            written_by: message.written_by,
            important: message.important,
            remedy_value: message.remedy_value,
        }
    }
}
