//! Delivering: what is due leaves through the send ledger, each message once.
//!
//! An intent is on the disk before a sink is called, the receipt after. A message whose receipt
//! never came is handed to the sink again only in its own batch, run and sequence, and only to a
//! sink whose terms allow it: an outbox stores a name once, a mail server takes a letter twice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use tokio::runtime::Handle;

use super::complaints::Complaints;
use super::delivered::Delivered;
use super::error::RunError;
use super::event::{Event, Watch};
use super::mask;
use super::messages::{Message, Messages, Purpose, sink_fields};
use super::open::Open;
use super::pace::Pace;
use super::review::{Review, Standing, grouped};
use crate::name::RunId;
use crate::plan::DeliveryStep;
use crate::sandbox::{SinkTerms, SinkWriter, Target};
use crate::warehouse::{Claim, Intended, Intent, MessageKey, OpenIntent, Outcome, Warehouse};

/// Messages handed to a sink at once.
const BATCH: usize = 100;

/// Longest time that a delivery waits for a channel that asks to, all its waits together.
const PATIENCE: Duration = Duration::from_secs(60);

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
    let sending = Sending {
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
        terms: SinkTerms {
            repeatable: false,
            batch_rows: None,
        },
        patience: PATIENCE,
        personal: open.plan.personal.contains_key(&delivery.from),
        pace: Pace::read(
            &delivery.rates,
            warehouse.ledger(),
            &delivery.name,
            Utc::now(),
        )
        .await?,
        complaints: Complaints::read(open, delivery, warehouse, query).await?,
    };
    let personal = sending.personal;
    sending.all(dry_run).await.map_err(|error| match error {
        RunError::Sandbox(error) if personal => RunError::Sandbox(mask::plugin(error)),
        other => other,
    })
}

/// One delivery while it runs.
pub(super) struct Sending<'d> {
    open: &'d Open,
    delivery: &'d DeliveryStep,
    pub(super) warehouse: &'d Warehouse,
    pub(super) watch: &'d dyn Watch,
    pub(super) claim: Claim,
    pub(super) told: Delivered,
    pub(super) messages: &'d Messages,
    /// Messages of an earlier delivery that are in `told` already.
    counted: BTreeSet<MessageKey>,
    pub(super) terms: SinkTerms,
    /// How long it may still wait for the channel.
    pub(super) patience: Duration,
    /// Whether the sink gets personal columns, which its words may quote.
    pub(super) personal: bool,
    pub(super) pace: Pace,
    pub(super) complaints: Complaints,
}

/// A batch of an earlier delivery that has no receipt and can be said again as it was.
struct Resumed<'d> {
    run: String,
    sequence: u32,
    messages: Vec<&'d Message>,
}

impl<'d> Sending<'d> {
    async fn all(mut self, dry_run: bool) -> Result<Delivered, RunError> {
        self.terms = self.asked()?;
        let due = self.due().await?;
        let resumed = self.interrupted(&due).await?;
        if dry_run {
            self.rehearse(&due, &resumed).await?;
        } else {
            self.settle(resumed).await?;
            self.send(&due).await?;
        }
        Ok(self.told)
    }

    /// The messages that may leave now; all others are counted by why they may not.
    async fn due(&mut self) -> Result<Vec<&'d Message>, RunError> {
        let messages = self.messages;
        let reviews = grouped(&messages.all, self.delivery.name.as_str(), self.warehouse).await?;
        let standing = |message: &Message| {
            let of_it = |review: &&Review| review.covers(&message.key);
            let found = reviews.iter().find(of_it);
            found.map_or(Standing::Waiting, |review| review.standing)
        };
        let now_ms = Utc::now().timestamp_millis();
        self.told.suppressed += messages.nobody;
        self.told.forgotten += messages.forgotten;
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

    /// The plugin of the sink and its config.
    fn sink(&self) -> Result<(Arc<crate::sandbox::Plugin>, String), RunError> {
        let sink = self.open.project.sinks.get(&self.delivery.sink);
        let sink = sink.ok_or_else(|| RunError::Host("the sink of a delivery is gone".into()))?;
        let config = serde_json::Value::Object(sink.config.clone()).to_string();
        Ok((self.open.plugin_of(sink)?, config))
    }

    fn asked(&self) -> Result<SinkTerms, RunError> {
        let (plugin, config) = self.sink()?;
        Ok(plugin.terms(&config)?)
    }

    /// Messages of one batch.
    fn batch_rows(&self) -> usize {
        self.terms.batch_rows.map_or(BATCH, |rows| rows.min(BATCH))
    }

    pub(super) fn left(&mut self, messages: usize) {
        self.told.failed += messages as u64;
        self.told.left += messages as u64;
    }

    /// Calls a person for something, once.
    pub(super) fn alert(&mut self, what: String) {
        self.told.alerts.insert(what);
    }

    pub(super) fn unclear(&mut self, keys: impl IntoIterator<Item = MessageKey>) {
        let before = self.told.unclear.len();
        self.told.unclear.extend(keys);
        self.told.unknown += (self.told.unclear.len() - before) as u64;
    }

    async fn writer(&self, run: &str, dry_run: bool) -> Result<SinkWriter, RunError> {
        let (plugin, config) = self.sink()?;
        let target = Target {
            name: self.delivery.name.to_string(),
            key: ["incident", "customer_id", "template_id", "template_version"]
                .map(String::from)
                .into(),
            fields: sink_fields(&self.messages.rows),
            run_id: run.to_owned(),
            dry_run,
        };
        Ok(plugin
            .write(&config, &target, self.open.session.cancel().clone())
            .await?)
    }

    /// The messages that may be handed over: never tried, or surely not left. The others are counted.
    async fn fresh(&mut self, due: &[&'d Message]) -> Result<Vec<&'d Message>, RunError> {
        let keys = due.iter().map(|message| &message.key);
        let outcomes = self.warehouse.ledger().outcomes(keys).await?;
        let mut fresh = Vec::new();
        for (message, outcome) in due.iter().zip(outcomes) {
            match outcome {
                _ if self.counted.contains(&message.key) => {}
                // Another text under the same version does not go to whoever has one.
                Some(Some(Outcome::Accepted)) => self.told.already += 1,
                Some(None) => self.unclear([message.key.clone()]),
                Some(Some(Outcome::Failed)) | None => fresh.push(*message),
            }
        }
        // Who may get hurt hears first.
        fresh.sort_by_key(|message| message.purpose != Purpose::Recall);
        Ok(self.heed(fresh))
    }

    async fn rehearse(
        &mut self,
        due: &[&'d Message],
        resumed: &[Resumed<'_>],
    ) -> Result<(), RunError> {
        let fresh = self.fresh(due).await?;
        let again = resumed.iter().map(|batch| batch.messages.as_slice());
        let batches = again.chain(fresh.chunks(self.batch_rows()));
        let batches: Vec<&[&Message]> = batches.collect();
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
    /// text, a recipient or a decision has changed since cannot be said again, nor any to a sink
    /// that must not be repeated: a person must find out what became of it.
    async fn interrupted(&mut self, due: &[&'d Message]) -> Result<Vec<Resumed<'d>>, RunError> {
        let mut batches: BTreeMap<(String, u32), Vec<OpenIntent>> = BTreeMap::new();
        let ledger = self.warehouse.ledger();
        let open = ledger.open_intents(Some(&self.delivery.name)).await?;
        for intent in open {
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
            if self.terms.repeatable && messages.len() == intents.len() {
                messages.sort_by_key(|message| message.row);
                resumed.push(Resumed {
                    run,
                    sequence,
                    messages,
                });
            } else {
                self.unclear(intents.iter().map(|intent| intent.key.clone()));
            }
            self.counted
                .extend(intents.into_iter().map(|intent| intent.key));
        }
        Ok(resumed)
    }

    /// Says what was interrupted again, each batch under its own name.
    async fn settle(&mut self, resumed: Vec<Resumed<'d>>) -> Result<(), RunError> {
        for batch in resumed {
            let halted = batch.messages.iter().all(|one| self.complaints.stop(one));
            if self.told.stopped.is_some() || halted {
                self.left(batch.messages.len());
                continue;
            }
            let mut writer = self.writer(&batch.run, false).await?;
            let again = self.write(&mut writer, batch.sequence, &batch.messages, false);
            self.told.stopped = again.await?;
        }
        Ok(())
    }

    async fn send(&mut self, due: &[&'d Message]) -> Result<(), RunError> {
        let run = RunId::new();
        let mut waiting = self.fresh(due).await?;
        let (mut writer, mut sequence, mut at) = (None, 0, 0);
        while at < waiting.len() && self.told.stopped.is_none() {
            let later = waiting.get(at..).unwrap_or_default();
            let room = self.room(later).await.min(self.batch_rows());
            let Some(batch) = later.get(..room.min(later.len())).filter(|b| !b.is_empty()) else {
                break;
            };
            at += batch.len();
            // A sink that cannot be opened must leave no intent behind.
            let opened = match writer.take() {
                Some(opened) => opened,
                None => self.begin(run).await?,
            };
            let writer = writer.insert(opened);
            let fresh = self.intended(run, sequence, batch).await?;
            if !fresh.is_empty() {
                self.watch.tell(Event::Intended {
                    sequence,
                    messages: fresh.len(),
                });
                self.told.stopped = self.write(writer, sequence, &fresh, true).await?;
            }
            if self.complaints.is_heard() {
                waiting = self.heed(waiting.split_off(at));
                at = 0;
            }
            sequence += 1;
        }
        self.left(waiting.len() - at);
        match writer {
            Some(writer) if self.told.stopped.is_some() => writer.abort().await?,
            Some(writer) => drop(writer.commit().await?),
            None => {}
        }
        Ok(())
    }

    async fn begin(&self, run: RunId) -> Result<SinkWriter, RunError> {
        let writer = self.writer(&run.to_string(), false).await?;
        let ledger = self.warehouse.ledger();
        let name = &self.delivery.name;
        ledger.begin_delivery(&self.claim, run, name).await?;
        Ok(writer)
    }

    /// Writes the intents of a batch down; those of its messages that may be handed over.
    async fn intended<'m>(
        &mut self,
        run: RunId,
        sequence: u32,
        batch: &[&'m Message],
    ) -> Result<Vec<&'m Message>, RunError> {
        let intents = batch.iter().map(|message| Intent {
            key: message.key.clone(),
            content_hash: message.content_hash.clone(),
            run,
            sequence,
        });
        let intents: Vec<Intent> = intents.collect();
        let answers = self
            .warehouse
            .ledger()
            .intend(&self.claim, &intents)
            .await?;
        let mut fresh = Vec::new();
        for (message, answer) in batch.iter().zip(answers) {
            match answer {
                Intended::New => fresh.push(*message),
                Intended::Already(_) => self.told.already += 1,
                Intended::Open(_) | Intended::ContentDiffers { .. } => {
                    self.unclear([message.key.clone()]);
                }
            }
        }
        self.pace.note(Utc::now(), fresh.len());
        Ok(fresh)
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
