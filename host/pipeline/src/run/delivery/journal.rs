//! The send ledger of one delivery: what was meant to leave before, and what leaves now.

use std::collections::{BTreeMap, BTreeSet};

use super::table::DeliveryRow;
use crate::run::error::RunError;
use crate::store::{Claim, Intended, Intent, Ledger, LedgerKey, Outcome, RecordedIntent};
use tsugi_core::name::{DeliveryName, RunId};

/// The ledger with the right to write it.
pub(super) struct Journal<'w> {
    pub(super) ledger: Ledger<'w>,
    pub(super) claim: &'w Claim,
    pub(super) delivery: &'w DeliveryName,
}

/// A batch of an earlier delivery that has no receipt and can be repeated exactly.
pub(super) struct Resumed<'t> {
    pub(super) run: String,
    pub(super) sequence: u32,
    pub(super) rows: Vec<&'t DeliveryRow>,
}

/// What an earlier delivery left without a receipt.
#[derive(Default)]
pub(super) struct Interrupted<'t> {
    /// Batches to repeat.
    pub(super) batches: Vec<Resumed<'t>>,
    /// Rows that a person must find out about.
    pub(super) unclear: Vec<LedgerKey>,
    /// All rows of such batches.
    pub(super) keys: BTreeSet<LedgerKey>,
}

/// Rows by what the ledger knows of them.
#[derive(Default)]
pub(super) struct Sorted<'t> {
    /// Never handed over, or certainly not accepted.
    pub(super) fresh: Vec<&'t DeliveryRow>,
    /// Accepted before.
    pub(super) already: u64,
    /// Rows that a person must find out about.
    pub(super) unclear: Vec<LedgerKey>,
}

impl Journal<'_> {
    /// The batches that an earlier delivery meant to send and has no receipt for. One of which a
    /// row has changed since, may not leave any more or contradicts what the host saw cannot be
    /// repeated, nor can any to a sink that must not get a batch twice.
    pub(super) async fn interrupted<'t>(
        &self,
        due: &[&'t DeliveryRow],
        repeatable: bool,
    ) -> Result<Interrupted<'t>, RunError> {
        let mut batches: BTreeMap<(String, u32), Vec<RecordedIntent>> = BTreeMap::new();
        for intent in self.ledger.open_intents(Some(self.delivery)).await? {
            let batch = (intent.run.clone(), intent.sequence);
            batches.entry(batch).or_default().push(intent);
        }
        let by_key: BTreeMap<&LedgerKey, &'t DeliveryRow> =
            due.iter().map(|row| (&row.key, *row)).collect();
        let mut interrupted = Interrupted::default();
        for ((run, sequence), intents) in batches {
            let unchanged = intents.iter().filter_map(|intent| {
                let row = by_key.get(&intent.key).copied()?;
                (row.content_hash == intent.content_hash).then_some(row)
            });
            let mut rows: Vec<&'t DeliveryRow> = unchanged.collect();
            let is_disputed = intents.iter().any(|intent| intent.is_disputed);
            let keys = intents.into_iter().map(|intent| intent.key);
            let keys: Vec<LedgerKey> = keys.collect();
            if repeatable && !is_disputed && rows.len() == keys.len() {
                rows.sort_by_key(|row| row.row);
                interrupted.batches.push(Resumed {
                    run,
                    sequence,
                    rows,
                });
            } else {
                interrupted.unclear.extend(keys.iter().cloned());
            }
            interrupted.keys.extend(keys);
        }
        Ok(interrupted)
    }

    /// Sorts rows by their last attempt; those of `interrupted` batches are counted there.
    pub(super) async fn sort<'t>(
        &self,
        due: &[&'t DeliveryRow],
        interrupted: &BTreeSet<LedgerKey>,
    ) -> Result<Sorted<'t>, RunError> {
        let attempts = self.ledger.attempts(due.iter().map(|row| &row.key)).await?;
        let mut sorted = Sorted::default();
        for (row, attempt) in due.iter().zip(attempts) {
            if interrupted.contains(&row.key) {
                continue;
            }
            let Some(attempt) = attempt else {
                sorted.fresh.push(*row);
                continue;
            };
            let is_changed = attempt.content_hash != row.content_hash;
            match (attempt.outcome, &row.key) {
                (Some(Outcome::Accepted), LedgerKey::Record(_)) if is_changed => {
                    sorted.fresh.push(*row);
                }
                // Another text under the same version does not go to a customer who has one.
                (Some(Outcome::Accepted), _) => sorted.already += 1,
                (Some(Outcome::Failed), _) => sorted.fresh.push(*row),
                (None, _) => sorted.unclear.push(row.key.clone()),
            }
        }
        Ok(sorted)
    }

    /// Begins the run under which fresh rows are sent.
    pub(super) async fn begin(&self, run: RunId) -> Result<(), RunError> {
        let begun = self.ledger.begin_delivery(self.claim, run, self.delivery);
        Ok(begun.await?)
    }

    /// Writes the intents of a batch to the disk; only its fresh rows may be handed over.
    pub(super) async fn intend<'t>(
        &self,
        run: RunId,
        sequence: u32,
        batch: &[&'t DeliveryRow],
    ) -> Result<Sorted<'t>, RunError> {
        let intents = batch.iter().map(|row| Intent {
            key: row.key.clone(),
            content_hash: row.content_hash.clone(),
            run,
            sequence,
        });
        let intents: Vec<Intent> = intents.collect();
        let answers = self.ledger.intend(self.claim, &intents).await?;
        let mut sorted = Sorted::default();
        for (row, answer) in batch.iter().zip(answers) {
            match answer {
                Intended::New => sorted.fresh.push(*row),
                Intended::Already(_) => sorted.already += 1,
                Intended::Open(_) | Intended::ContentDiffers { .. } => {
                    sorted.unclear.push(row.key.clone());
                }
            }
        }
        Ok(sorted)
    }

    /// Writes receipts to the disk.
    pub(super) async fn record(
        &self,
        outcomes: &[(LedgerKey, Outcome, String)],
    ) -> Result<(), RunError> {
        Ok(self.ledger.receipt(self.claim, outcomes).await?)
    }

    /// Writes to the disk what contradicts the receipts of rows.
    pub(super) async fn dispute(&self, rows: &[(LedgerKey, String)]) -> Result<(), RunError> {
        Ok(self.ledger.dispute(self.claim, rows).await?)
    }
}
