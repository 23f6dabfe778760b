//! The batches of one delivery: which rows may leave, under which keys, and as which JSON Lines.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value};

use crate::error::config_error;
use crate::input::cell::{Cell, Row, Sheet};
use crate::message::hash;
use crate::message::row::{HASHED, HASHED_UNLESS_BLANK};
use tsugi_plugin::{Error, Receipt, RowError};

/// The key of a message where the delivery names none.
pub(crate) const KEY: &[&str] = &["incident", "customer_id", "template_id", "template_version"];

/// Columns without which no message can leave.
const NEEDED: &[&str] = &["address", "body"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Counted from 0 in the batch.
    pub(crate) row: u32,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// One batch as an object of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutboxObject {
    /// `<run>/<sequence>.jsonl`, with the sequence in six digits so that names sort.
    pub(crate) name: String,
    /// JSON Lines in UTF-8; empty when every row was refused.
    pub(crate) bytes: Vec<u8>,
    pub(crate) accepted: u32,
    pub(crate) refused: Vec<Refused>,
}

impl OutboxObject {
    pub(crate) fn receipt(self, summary: String, durable_through: Option<u32>) -> Receipt {
        Receipt {
            accepted: self.accepted,
            failed: self.refused.into_iter().map(RowError::from).collect(),
            durable_through,
            summary,
        }
    }
}

impl From<Refused> for RowError {
    fn from(refused: Refused) -> RowError {
        RowError {
            row: refused.row,
            code: refused.code.into(),
            message: refused.message,
        }
    }
}

/// One delivery.
#[derive(Debug)]
pub(crate) struct Outbox {
    run: String,
    key: Vec<String>,
    /// The batch of each key, so that a batch may be repeated but a message may not.
    written: BTreeMap<String, u32>,
}

impl Outbox {
    /// Checks the columns, and that the run id can be the name of a folder.
    pub(crate) fn open(run: &str, key: &[String], columns: &[String]) -> Result<Outbox, Error> {
        let plain = |at: char| at.is_ascii_alphanumeric() || "-_.".contains(at);
        if run.is_empty() || run.starts_with('.') || !run.chars().all(plain) {
            let what = format!("the run id {run:?} cannot be the name of a folder");
            return Err(config_error("bad-run-id", what, "use a-z, digits, - and _"));
        }
        let key: Vec<String> = match key.is_empty() {
            true => KEY.iter().map(|name| (*name).to_string()).collect(),
            false => key.to_vec(),
        };
        let needed = NEEDED.iter().copied().chain(key.iter().map(String::as_str));
        let missing: BTreeSet<&str> = needed
            .filter(|name| !columns.iter().any(|column| column == name))
            .collect();
        if !missing.is_empty() {
            let names: Vec<&str> = missing.into_iter().collect();
            let what = format!("the delivery has no column {}", names.join(", "));
            return Err(config_error(
                "missing-column",
                what,
                "deliver the relation that compose returns",
            ));
        }
        Ok(Outbox {
            run: run.to_string(),
            key,
            written: BTreeMap::new(),
        })
    }

    /// The object of a batch. The same sequence with the same rows has the same bytes.
    pub(crate) fn object(&mut self, sequence: u32, sheet: &Sheet) -> OutboxObject {
        let mut object = OutboxObject {
            name: format!("{}/{sequence:06}.jsonl", self.run),
            bytes: Vec::new(),
            accepted: 0,
            refused: Vec::new(),
        };
        let mut here = BTreeSet::new();
        for (index, row) in (0_u32..).zip(sheet.rows()) {
            match self.check(sequence, &row, &here) {
                Ok(key) => {
                    object.bytes.extend(line(&row));
                    object.accepted += 1;
                    here.insert(key);
                }
                Err((code, message)) => object.refused.push(Refused {
                    row: index,
                    code,
                    message,
                }),
            }
        }
        self.written
            .extend(here.into_iter().map(|key| (key, sequence)));
        object
    }

    fn check(
        &self,
        sequence: u32,
        row: &Row<'_>,
        here: &BTreeSet<String>,
    ) -> Result<String, (&'static str, String)> {
        let parts = self.parts(row).map_err(|name| {
            (
                "no-key",
                format!("{name} is blank, so the message has no key"),
            )
        })?;
        if row.text("address").is_none() {
            return Err(("no-address", "the message has no address".to_string()));
        }
        if row.text("body").is_none() {
            return Err(("no-body", "the message has no text".to_string()));
        }
        let decision = row.text("decision").unwrap_or_default();
        if decision == "suppress" || decision == "hold" {
            return Err((
                "not-due",
                format!("the decision on this message is {decision}"),
            ));
        }
        if let Some(hash) = row.text("content_hash")
            && hash != content_hash(row)
        {
            return Err((
                "content-changed",
                "the text is not the one that the content hash was made for".to_string(),
            ));
        }
        let key = hash::of(parts.iter().map(String::as_str));
        let in_other_batch = self
            .written
            .get(&key)
            .is_some_and(|before| *before != sequence);
        match in_other_batch || here.contains(&key) {
            true => Err((
                "duplicate-key",
                format!(
                    "a message with the key {} was written before",
                    parts.join(" / ")
                ),
            )),
            false => Ok(key),
        }
    }

    /// The values of the key, or the name of a blank column.
    fn parts(&self, row: &Row<'_>) -> Result<Vec<String>, &String> {
        let parts = self.key.iter().map(|name| row.text(name).ok_or(name));
        parts.collect()
    }

    /// A hash of the key of a message, the same in every delivery; None when a part is blank.
    pub(crate) fn key(&self, row: &Row<'_>) -> Option<String> {
        let parts = self.parts(row).ok()?;
        Some(hash::of(parts.iter().map(String::as_str)))
    }

    /// One sentence on the batch.
    pub(crate) fn summary(&self, object: &OutboxObject, dry_run: bool) -> String {
        let refused = match object.refused.len() {
            0 => String::new(),
            count => format!(", {count} refused"),
        };
        match (dry_run, object.accepted) {
            (_, 0) => format!("nothing to write{refused}"),
            (true, count) => format!(
                "dry run: {count} messages would go to {}{refused}",
                object.name
            ),
            (false, count) => format!("{count} messages in {}{refused}", object.name),
        }
    }

    /// One sentence on the whole delivery.
    pub(crate) fn closing(&self, dry_run: bool) -> String {
        match dry_run {
            true => format!(
                "dry run: {} messages would be in the outbox under {}/",
                self.written.len(),
                self.run
            ),
            false => format!(
                "{} messages are in the outbox under {}/",
                self.written.len(),
                self.run
            ),
        }
    }
}

fn content_hash(row: &Row<'_>) -> String {
    let mut parts: Vec<String> = HASHED.iter().map(|name| row.raw(name)).collect();
    let more = HASHED_UNLESS_BLANK.iter();
    parts.extend(more.filter_map(|name| Some(format!("{name}={}", row.text(name)?))));
    hash::of(parts.iter().map(String::as_str))
}

/// A message as one line of JSON.
pub(crate) fn line(row: &Row<'_>) -> Vec<u8> {
    let object: Map<String, Value> = row
        .pairs()
        .map(|(name, cell)| (name.to_string(), value(cell)))
        .collect();
    let mut line = Value::Object(object).to_string().into_bytes();
    line.push(b'\n');
    line
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Int(value) => Value::Number(Number::from(*value)),
        Cell::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        Cell::Text(value) => Value::String(value.clone()),
    }
}

#[cfg(test)]
mod tests;
