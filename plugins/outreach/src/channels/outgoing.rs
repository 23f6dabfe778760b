//! One message of a delivery: its columns, its key, its content hash, its JSON.

use std::borrow::Cow;

use serde_json::{Map, Number, Value as Json};
use tsugi_plugin::{Batch, Row, Value};

use crate::message::hash;

/// The columns that the sink reads; a delivery may lack any of them but address and body.
#[derive(Row)]
#[row(optional)]
pub(crate) struct OutgoingRow<'a> {
    purpose: Option<Cow<'a, str>>,
    channel: Option<Cow<'a, str>>,
    language: Option<Cow<'a, str>>,
    template_id: Option<Cow<'a, str>>,
    template_version: Option<Cow<'a, str>>,
    sender: Option<Cow<'a, str>>,
    sender_address: Option<Cow<'a, str>>,
    contact: Option<Cow<'a, str>>,
    refusal_link: Option<Cow<'a, str>>,
    subject: Option<Cow<'a, str>>,
    body: Option<Cow<'a, str>>,
    images: Option<Cow<'a, str>>,
    address: Option<Cow<'a, str>>,
    decision: Option<Cow<'a, str>>,
    headers: Option<Cow<'a, str>>,
    content_hash: Option<Cow<'a, str>>,
}

/// Text without blanks around it; None for a blank one.
fn trimmed<'t>(text: &'t Option<Cow<'_, str>>) -> Option<&'t str> {
    text.as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

impl OutgoingRow<'_> {
    pub(crate) fn purpose(&self) -> Option<&str> {
        trimmed(&self.purpose)
    }

    pub(crate) fn channel(&self) -> Option<&str> {
        trimmed(&self.channel)
    }

    pub(crate) fn subject(&self) -> Option<&str> {
        trimmed(&self.subject)
    }

    pub(crate) fn body(&self) -> Option<&str> {
        trimmed(&self.body)
    }

    pub(crate) fn address(&self) -> Option<&str> {
        trimmed(&self.address)
    }

    /// The message as a page: from whom, to whom, subject and text.
    pub(crate) fn page(&self) -> String {
        let parts = [
            trimmed(&self.sender_address),
            self.address(),
            self.subject(),
            self.body(),
        ];
        let parts: Vec<&str> = parts.into_iter().flatten().collect();
        format!("{}\n", parts.join("\n\n\n"))
    }

    pub(crate) fn decision(&self) -> Option<&str> {
        trimmed(&self.decision)
    }

    pub(crate) fn headers(&self) -> Option<&str> {
        trimmed(&self.headers)
    }

    pub(crate) fn stated_hash(&self) -> Option<&str> {
        trimmed(&self.content_hash)
    }

    /// The content hash of the columns as they are now; see
    /// [`Message::content_hash`](crate::message::row::Message::content_hash).
    pub(crate) fn actual_hash(&self) -> String {
        let columns = [
            &self.purpose,
            &self.channel,
            &self.language,
            &self.template_id,
            &self.template_version,
            &self.sender,
            &self.sender_address,
            &self.contact,
            &self.refusal_link,
            &self.subject,
            &self.body,
        ];
        let columns = columns.map(|text| text.as_deref().unwrap_or_default());
        let images = trimmed(&self.images).map(|images| format!("images={images}"));
        hash::of(columns.into_iter().chain(images.as_deref()))
    }
}

/// A message that may leave.
pub(crate) struct Outgoing<'a> {
    pub(crate) batch: &'a Batch,
    /// Its row in the batch.
    pub(crate) row: u32,
    pub(crate) columns: OutgoingRow<'a>,
    /// A hash of its key, the same in every delivery.
    pub(crate) key: String,
}

impl Outgoing<'_> {
    /// All columns as one line of JSON.
    pub(crate) fn json_line(&self) -> Vec<u8> {
        let columns = self.batch.columns().map(|column| {
            let value = column.value(self.row as usize);
            (column.name().to_string(), json(&value))
        });
        let object: Map<String, Json> = columns.collect();
        let mut line = Json::Object(object).to_string().into_bytes();
        line.push(b'\n');
        line
    }
}

fn json(value: &Value<'_>) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::Number(Number::from(*number)),
        Value::Float(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        other => other
            .text()
            .map_or(Json::Null, |text| Json::String(text.into_owned())),
    }
}
