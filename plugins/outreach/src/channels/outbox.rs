//! The batches of one delivery: which messages may leave, under which keys, and as which JSON Lines.

use std::collections::{BTreeMap, BTreeSet};

use tsugi_plugin::{Batch, Error, RowError, Schema, Values};

use crate::channels::outgoing::{Outgoing, OutgoingRow};
use crate::error::config_error;
use crate::input::values::Trimmed;
use crate::message::hash;

/// The key of a message where the delivery names none.
const KEY: &[&str] = &["incident", "customer_id", "template_id", "template_version"];

/// Columns without which no message can leave.
const NEEDED: &[&str] = &["address", "body"];

/// One batch of a delivery.
pub(crate) struct CheckedBatch<'a> {
    pub(crate) messages: Vec<Outgoing<'a>>,
    /// Rows that may not leave.
    pub(crate) refused: Vec<RowError>,
}

#[derive(Debug)]
pub(crate) struct Outbox {
    run: String,
    key: Vec<String>,
    /// The batch of each key, so that a batch may be repeated but a message may not.
    written: BTreeMap<String, u32>,
}

/// Code and sentence of a refusal.
type Refusal = (&'static str, String);

impl Outbox {
    /// Checks the columns, and that the run id can be the name of a folder.
    pub(crate) fn open(run: &str, key: &[String], schema: &Schema) -> Result<Outbox, Error> {
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
            .filter(|name| schema.index_of(name).is_none())
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

    /// Parts the rows of a batch into messages that may leave and rows that may not.
    pub(crate) fn check<'a>(
        &mut self,
        sequence: u32,
        batch: &'a Batch,
    ) -> Result<CheckedBatch<'a>, Error> {
        let columns = self.key.iter();
        let key = columns
            .map(|name| batch.read_column::<Trimmed<'_>>(name))
            .collect::<Result<Vec<_>, Error>>()?;
        let (mut messages, mut refused) = (Vec::new(), Vec::new());
        let mut here = BTreeSet::new();
        for (row, columns) in (0_u32..).zip(batch.read::<OutgoingRow<'_>>()?) {
            let columns = columns?;
            let checked = self.key_parts(&key, row).and_then(|parts| {
                may_leave(&columns)?;
                self.key_of(sequence, &parts, &here)
            });
            match checked {
                Ok(key) => {
                    here.insert(key.clone());
                    messages.push(Outgoing {
                        batch,
                        row,
                        columns,
                        key,
                    });
                }
                Err((code, message)) => refused.push(RowError {
                    row,
                    code: code.into(),
                    message,
                }),
            }
        }
        self.written
            .extend(here.into_iter().map(|key| (key, sequence)));
        Ok(CheckedBatch { messages, refused })
    }

    /// The values of the key columns of a row.
    fn key_parts<'a>(
        &self,
        key: &[Values<'a, Trimmed<'a>>],
        row: u32,
    ) -> Result<Vec<Trimmed<'a>>, Refusal> {
        let parts = self.key.iter().zip(key).map(|(name, values)| {
            values.get(row as usize).ok_or_else(|| {
                let what = format!("{name} is blank, so the message has no key");
                ("no-key", what)
            })
        });
        parts.collect()
    }

    /// The key of a message that no other batch and no earlier row of this one has.
    fn key_of(
        &self,
        sequence: u32,
        parts: &[Trimmed<'_>],
        here: &BTreeSet<String>,
    ) -> Result<String, Refusal> {
        let key = hash::of(parts.iter().map(|part| &**part));
        let before = self.written.get(&key);
        let in_other_batch = before.is_some_and(|before| *before != sequence);
        if in_other_batch || here.contains(&key) {
            let parts: Vec<&str> = parts.iter().map(|part| &**part).collect();
            let parts = parts.join(" / ");
            let what = format!("a message with the key {parts} was written before");
            return Err(("duplicate-key", what));
        }
        Ok(key)
    }

    /// `<run>/<sequence>.jsonl`, with the sequence in six digits so that names sort.
    pub(crate) fn object_name(&self, sequence: u32) -> String {
        format!("{}/{sequence:06}.jsonl", self.run)
    }

    /// `<run>/<sequence>-post.txt`, beside the messages of the batch.
    pub(crate) fn pages_name(&self, sequence: u32) -> String {
        format!("{}/{sequence:06}-post.txt", self.run)
    }

    /// One sentence on the batch.
    pub(crate) fn summary(&self, sequence: u32, batch: &CheckedBatch<'_>, dry_run: bool) -> String {
        let refused = match batch.refused.len() {
            0 => String::new(),
            count => format!(", {count} refused"),
        };
        let name = self.object_name(sequence);
        match (dry_run, batch.messages.len()) {
            (_, 0) => format!("nothing to write{refused}"),
            (true, count) => format!("dry run: {count} messages would go to {name}{refused}"),
            (false, count) => format!(
                "{count} messages in {name}{refused}{}",
                self.to_print(sequence, batch)
            ),
        }
    }

    /// What of the batch must be printed and posted.
    fn to_print(&self, sequence: u32, batch: &CheckedBatch<'_>) -> String {
        let name = self.pages_name(sequence);
        match batch.posted().count() {
            0 => String::new(),
            1 => format!(", 1 page to print in {name}"),
            count => format!(", {count} pages to print in {name}"),
        }
    }

    /// One sentence on the whole delivery.
    pub(crate) fn closing(&self, dry_run: bool) -> String {
        let (count, run) = (self.written.len(), &self.run);
        match dry_run {
            true => format!("dry run: {count} messages would be in the outbox under {run}/"),
            false => format!("{count} messages are in the outbox under {run}/"),
        }
    }
}

impl CheckedBatch<'_> {
    /// JSON Lines in UTF-8. The same rows have the same bytes.
    pub(crate) fn json_lines(&self) -> Vec<u8> {
        let lines = self.messages.iter().flat_map(Outgoing::json_line);
        lines.collect()
    }

    fn posted(&self) -> impl Iterator<Item = &Outgoing<'_>> {
        let messages = self.messages.iter();
        messages.filter(|message| message.columns.channel() == Some("post"))
    }

    /// The messages that go by post, a page each, for a printer; none without any.
    pub(crate) fn pages(&self) -> Option<Vec<u8>> {
        let pages: Vec<String> = self
            .posted()
            .map(|message| message.columns.page())
            .collect();
        (!pages.is_empty()).then(|| pages.join("\u{c}\n").into_bytes())
    }
}

fn may_leave(row: &OutgoingRow<'_>) -> Result<(), Refusal> {
    if row.address().is_none() {
        return Err(("no-address", "the message has no address".to_string()));
    }
    if row.body().is_none() {
        return Err(("no-body", "the message has no text".to_string()));
    }
    if let Some(decision @ ("suppress" | "hold")) = row.decision() {
        let what = format!("the decision on this message is {decision}");
        return Err(("not-due", what));
    }
    let hash = row.stated_hash();
    if hash.is_some_and(|hash| hash != row.actual_hash()) {
        let what = "the text is not the one that the content hash was made for";
        return Err(("content-changed", what.to_string()));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
