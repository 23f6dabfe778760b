//! Delivering: what is due leaves through the send ledger, each message once.
//!
//! An intent is on the disk before a sink is called, the receipt after. A message whose receipt
//! never came is handed to the sink again only in its own batch, run and sequence: the host
//! stores an output under a name once, so the same batch again has no second effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use tokio::runtime::Handle;

use super::error::RunError;
use super::event::{Event, Watch};
use super::messages::{Message, Messages, sink_fields};
use super::open::Open;
use super::review::{Review, Standing, grouped};
use crate::name::RunId;
use crate::plan::DeliveryStep;
use crate::sandbox::{Receipt, SinkWriter, Target};
use crate::warehouse::{Claim, Intended, Intent, MessageKey, OpenIntent, Outcome, Warehouse};

/// Messages handed to a sink at once.
const BATCH: usize = 100;

/// What became of every message of a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// The delivery.
    pub delivery: String,
    /// Accepted by the channel now; in a dry run, what would be.
    pub sent: u64,
    /// Accepted before; not sent again.
    pub already: u64,
    /// Waiting for a person.
    pub waiting: u64,
    /// A person said no to them.
    pub rejected: u64,
    /// On hold, or not due yet.
    pub held: u64,
    /// Not to be sent.
    pub suppressed: u64,
    /// Refused by the channel; owed until a later delivery.
    pub failed: u64,
    /// Nobody knows; a person must find out.
    pub unknown: u64,
}

impl Delivered {
    /// The outcome in words.
    pub fn sentences(&self, dry_run: bool, project: &str) -> Vec<String> {
        let name = &self.delivery;
        let verb = if dry_run { "would be sent" } else { "sent" };
        let mut lines = vec![format!(
            "{name}: {} {verb}, {} sent before, {} wait for a person, {} on hold, {} suppressed",
            self.sent, self.already, self.waiting, self.held, self.suppressed
        )];
        if self.failed > 0 {
            lines.push(format!(
                "{name}: {} refused by the channel and still owed",
                self.failed
            ));
        }
        if self.unknown > 0 {
            lines.push(format!(
                "{name}: {} without a receipt: a person must find out",
                self.unknown
            ));
        }
        if self.rejected > 0 {
            lines.push(format!("{name}: {} rejected by a person", self.rejected));
        }
        if self.waiting > 0 || self.unknown > 0 {
            lines.push(format!(
                "{name}: see what waits with: tsugi review list {project}"
            ));
        }
        lines
    }
}

/// Sends what is due. In a dry run the sink validates, and nothing is written anywhere.
///
/// # Errors
/// When the table cannot be delivered, or the sink or the ledger fails. What was accepted before
/// that is in the ledger; the rest is owed.
pub async fn deliver(
    open: &Open,
    delivery: &DeliveryStep,
    warehouse: &Warehouse,
    query: &Handle,
    watch: &dyn Watch,
    dry_run: bool,
) -> Result<Delivered, RunError> {
    let messages = Messages::read(open, delivery, warehouse, query).await?;
    let claim = warehouse
        .claim(&format!("deliver {}", delivery.name))
        .await?;
    let mut sending = Sending {
        open,
        delivery,
        warehouse,
        watch,
        claim,
        told: Delivered {
            delivery: delivery.name.to_string(),
            ..Delivered::default()
        },
        messages: &messages,
        counted: BTreeSet::new(),
    };
    let due = sending.due().await?;
    let resumed = sending.interrupted(&due).await?;
    if dry_run {
        sending.rehearse(&due, &resumed).await?;
    } else {
        sending.settle(resumed).await?;
        sending.send(&due).await?;
    }
    Ok(sending.told)
}

struct Sending<'d> {
    open: &'d Open,
    delivery: &'d DeliveryStep,
    warehouse: &'d Warehouse,
    watch: &'d dyn Watch,
    claim: Claim,
    told: Delivered,
    messages: &'d Messages,
    /// Messages of an earlier delivery that are in `told` already.
    counted: BTreeSet<MessageKey>,
}

/// A batch of an earlier delivery that has no receipt and can be said again as it was.
struct Resumed<'d> {
    run: String,
    sequence: u32,
    messages: Vec<&'d Message>,
}

impl<'d> Sending<'d> {
    /// The messages that may leave now; all others are counted by why they may not.
    async fn due(&mut self) -> Result<Vec<&'d Message>, RunError> {
        let messages = self.messages;
        let reviews = grouped(&messages.all, self.delivery.name.as_str(), self.warehouse).await?;
        let standing = |message: &Message| {
            let of_it = |review: &&Review| review.covers(&message.key);
            let found = reviews.iter().find(of_it);
            found.map_or(Standing::Waiting, |review| review.standing)
        };
        let now_ms = chrono::Utc::now().timestamp_millis();
        self.told.suppressed += messages.nobody;
        let mut due = Vec::new();
        for message in &messages.all {
            match message.decision.as_str() {
                "send" | "review" if standing(message) == Standing::Waiting => {
                    self.told.waiting += 1;
                }
                "send" | "review" if standing(message) == Standing::Rejected => {
                    self.told.rejected += 1;
                }
                "send" | "review" if message.earliest_ms.is_some_and(|at| at <= now_ms) => {
                    due.push(message);
                }
                "send" | "review" | "hold" => self.told.held += 1,
                "suppress" => self.told.suppressed += 1,
                other => {
                    let what =
                        format!("`{other}` is not a decision: send, hold, review or suppress");
                    let table = self.delivery.from.clone();
                    return Err(RunError::NotDeliverable { table, what });
                }
            }
        }
        Ok(due)
    }

    async fn writer(&self, run: &str, dry_run: bool) -> Result<SinkWriter, RunError> {
        let sink = self.open.project.sinks.get(&self.delivery.sink);
        let sink = sink.ok_or_else(|| RunError::Host("the sink of a delivery is gone".into()))?;
        let plugin = self.open.plugin_of(sink)?;
        let target = Target {
            name: self.delivery.name.to_string(),
            key: ["incident", "customer_id", "template_id", "template_version"]
                .map(String::from)
                .into(),
            fields: sink_fields(&self.messages.rows),
            run_id: run.to_owned(),
            dry_run,
        };
        let config = serde_json::Value::Object(sink.config.clone()).to_string();
        Ok(plugin
            .write(&config, &target, self.open.session.cancel().clone())
            .await?)
    }

    async fn rehearse(
        &mut self,
        due: &[&Message],
        resumed: &[Resumed<'_>],
    ) -> Result<(), RunError> {
        let ledger = self.warehouse.ledger();
        let mut fresh = Vec::new();
        for message in due {
            if self.counted.contains(&message.key) {
                continue;
            }
            match ledger.outcome(&message.key).await? {
                Some(Some(Outcome::Accepted)) => self.told.already += 1,
                Some(None) => self.told.unknown += 1,
                Some(Some(Outcome::Failed)) | None => fresh.push(*message),
            }
        }
        let again = resumed.iter().map(|batch| batch.messages.as_slice());
        let batches: Vec<&[&Message]> = again.chain(fresh.chunks(BATCH)).collect();
        if batches.is_empty() {
            return Ok(());
        }
        let mut writer = self.writer(&RunId::new().to_string(), true).await?;
        for (sequence, batch) in batches.into_iter().enumerate() {
            let receipt = writer
                .write(number(sequence), &self.messages.pick(batch)?)
                .await?;
            self.told.sent += u64::from(receipt.accepted);
            self.told.failed += receipt.failed.len() as u64;
        }
        Ok(())
    }

    /// The batches that an earlier delivery meant to send and has no receipt for. One of which a
    /// text, a recipient or a decision has changed since cannot be said again: a person must find
    /// out what became of it.
    async fn interrupted(&mut self, due: &[&'d Message]) -> Result<Vec<Resumed<'d>>, RunError> {
        let mut batches: BTreeMap<(String, u32), Vec<OpenIntent>> = BTreeMap::new();
        for intent in self.warehouse.ledger().open_intents().await? {
            batches
                .entry((intent.run.clone(), intent.sequence))
                .or_default()
                .push(intent);
        }
        let by_key: BTreeMap<&MessageKey, &'d Message> =
            due.iter().map(|message| (&message.key, *message)).collect();
        let mut resumed = Vec::new();
        for ((run, sequence), intents) in batches {
            let same = intents.iter().filter_map(|intent| {
                let message = by_key.get(&intent.key).copied()?;
                (message.content_hash == intent.content_hash).then_some(message)
            });
            let mut messages: Vec<&'d Message> = same.collect();
            if messages.len() == intents.len() {
                messages.sort_by_key(|message| message.row);
                resumed.push(Resumed {
                    run,
                    sequence,
                    messages,
                });
            } else {
                self.told.unknown += intents.len() as u64;
            }
            self.counted
                .extend(intents.into_iter().map(|intent| intent.key));
        }
        Ok(resumed)
    }

    /// Says what was interrupted again, each batch under its own name.
    async fn settle(&mut self, resumed: Vec<Resumed<'d>>) -> Result<(), RunError> {
        for batch in resumed {
            let mut writer = self.writer(&batch.run, false).await?;
            self.write(&mut writer, batch.sequence, &batch.messages)
                .await?;
        }
        Ok(())
    }

    async fn send(&mut self, due: &[&Message]) -> Result<(), RunError> {
        let run = RunId::new();
        let mut writer = None;
        for (sequence, batch) in due.chunks(BATCH).enumerate() {
            let sequence = number(sequence);
            let intents: Vec<Intent> = batch
                .iter()
                .map(|message| Intent {
                    key: message.key.clone(),
                    content_hash: message.content_hash.clone(),
                    run,
                    sequence,
                })
                .collect();
            let answers = self
                .warehouse
                .ledger()
                .intend(&self.claim, &intents)
                .await?;
            let mut fresh = Vec::new();
            for (message, answer) in batch.iter().zip(answers) {
                match answer {
                    Intended::New => fresh.push(*message),
                    _ if self.counted.contains(&message.key) => {}
                    Intended::Already(_) => self.told.already += 1,
                    Intended::Open(_) | Intended::ContentDiffers { .. } => {
                        // Another text under the same version does not go to whoever has one.
                        match self.warehouse.ledger().outcome(&message.key).await? {
                            Some(Some(Outcome::Accepted)) => self.told.already += 1,
                            _ => self.told.unknown += 1,
                        }
                    }
                }
            }
            if fresh.is_empty() {
                continue;
            }
            self.watch.tell(Event::Intended {
                sequence,
                messages: fresh.len(),
            });
            if writer.is_none() {
                writer = Some(self.writer(&run.to_string(), false).await?);
            }
            if let Some(writer) = &mut writer {
                self.write(writer, sequence, &fresh).await?;
            }
        }
        if let Some(writer) = writer {
            writer.commit().await?;
        }
        Ok(())
    }

    /// Hands one batch to the sink and writes its receipt down.
    async fn write(
        &mut self,
        writer: &mut SinkWriter,
        sequence: u32,
        batch: &[&Message],
    ) -> Result<(), RunError> {
        let receipt: Receipt = writer.write(sequence, &self.messages.pick(batch)?).await?;
        let failed: BTreeMap<usize, &str> = receipt
            .failed
            .iter()
            .map(|e| (e.row as usize, e.message.as_str()))
            .collect();
        let outcomes: Vec<(MessageKey, Outcome, String)> = batch
            .iter()
            .enumerate()
            .map(|(row, message)| match failed.get(&row) {
                Some(why) => (message.key.clone(), Outcome::Failed, (*why).to_owned()),
                None => (
                    message.key.clone(),
                    Outcome::Accepted,
                    receipt.summary.clone(),
                ),
            })
            .collect();
        self.warehouse
            .ledger()
            .receipt(&self.claim, &outcomes)
            .await?;
        let (accepted, refused) = (u64::from(receipt.accepted), failed.len() as u64);
        self.told.sent += accepted;
        self.told.failed += refused;
        self.watch.tell(Event::Received {
            sequence,
            accepted,
            failed: refused,
        });
        Ok(())
    }
}

fn number(sequence: usize) -> u32 {
    u32::try_from(sequence).unwrap_or(u32::MAX)
}

impl Open {
    /// The plugin of a sink, with the grants of that sink.
    fn plugin_of(
        &self,
        sink: &crate::project::pipeline::Sink,
    ) -> Result<Arc<crate::sandbox::Plugin>, RunError> {
        let number = super::load::grants_number(&sink.grants);
        let found = self.loaded.get(&(sink.plugin.clone(), number)).cloned();
        found.ok_or_else(|| RunError::Host(format!("the plugin `{}` is not loaded", sink.plugin)))
    }
}
