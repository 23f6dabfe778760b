//! One batch handed to its sink: what the sink answers, and what follows from the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;

use super::table::DeliveryRow;
use crate::run::event::Watch;
use crate::store::Outcome;
use tsugi_sandbox::{PluginError, Receipt, Recovery, SandboxError, SinkWriter, UNKNOWN};

/// Default and minimum wait after an answer that says "later" without saying when.
const WAIT: Duration = Duration::from_secs(1);

/// Longest time that one delivery waits for its channel, all its waits together.
const WAIT_TOTAL_MAX: Duration = Duration::from_secs(60);

/// How long a delivery may still wait for its channel.
pub(super) struct WaitBudget(Duration);

impl Default for WaitBudget {
    fn default() -> Self {
        Self(WAIT_TOTAL_MAX)
    }
}

/// What a sink answered to a batch.
pub(super) enum SinkReply {
    /// A receipt for every row.
    Receipt(Receipt),
    /// "Later", and longer than the delivery may wait.
    Later(Box<PluginError>, Duration),
    /// The plugin failed on purpose, with an error of its own.
    Refused(SandboxError, Box<PluginError>),
}

/// How often a wait looks whether the user stops the delivery.
const LOOK: Duration = Duration::from_millis(50);

/// Resolves once the user stops the delivery.
pub(super) async fn stopping(watch: &dyn Watch) {
    while !watch.is_stopping() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Hands a batch to a sink, again after each short wait that the sink asks for, unless the user
/// stops the delivery.
///
/// # Errors
/// When the guest failed in a way of which it says nothing itself.
pub(super) async fn hand_over(
    writer: &mut SinkWriter,
    sequence: u32,
    rows: &RecordBatch,
    wait_budget: &mut WaitBudget,
    watch: &dyn Watch,
) -> Result<SinkReply, SandboxError> {
    loop {
        let error = match writer.write(sequence, rows).await {
            Ok(receipt) => return Ok(SinkReply::Receipt(receipt)),
            Err(error) => error,
        };
        let SandboxError::Failed { error: reason, .. } = &error else {
            return Err(error);
        };
        let reason = reason.clone();
        if !matches!(reason.recovery, Recovery::Throttled) {
            return Ok(SinkReply::Refused(error, reason));
        }
        let requested = reason.retry_after_ms.map(u64::from);
        let wait = requested.map_or(WAIT, Duration::from_millis).max(WAIT);
        match wait_budget.0.checked_sub(wait) {
            Some(remaining) => {
                wait_budget.0 = remaining;
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = stopping(watch) => return Ok(SinkReply::Later(reason, wait)),
                }
            }
            None => return Ok(SinkReply::Later(reason, wait)),
        }
    }
}

/// Why a delivery stops after a batch, in the words of its sink.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StopReason {
    pub(super) code: String,
    pub(super) message: String,
    /// How long the sink asks to wait.
    pub(super) wait: Option<Duration>,
}

/// What follows from an answer.
#[derive(Debug, Default)]
pub(super) struct Handed<'t> {
    /// Rows of which it is certain what became of them, with what the ledger notes.
    pub(super) certain: Vec<(&'t DeliveryRow, Outcome, String)>,
    /// Codes of the rows among them that the sink refused, by position in the table.
    pub(super) refused: BTreeMap<u32, String>,
    /// Rows that were not accepted and are sent later, by position in the table.
    pub(super) owed: BTreeSet<u32>,
    /// Rows that a person must find out about.
    pub(super) unclear: Vec<&'t DeliveryRow>,
    /// Those of them that must not be repeated, with what contradicts their receipt.
    pub(super) disputed: Vec<(&'t DeliveryRow, String)>,
    /// What the sink did besides what it was given, or says against what the host saw.
    pub(super) contradictions: BTreeSet<String>,
    /// Accepted and refused rows, where a receipt came.
    pub(super) counts: Option<(u64, u64)>,
    pub(super) stop: Option<StopReason>,
    /// What ends the delivery as a failure, once the ledger is written.
    pub(super) failure: Option<SandboxError>,
}

/// Decides what follows from an answer. `fresh` is a batch that was never handed over before,
/// `repeatable` a sink that may get a batch twice.
pub(super) fn follow<'t>(
    answer: SinkReply,
    batch: &[&'t DeliveryRow],
    fresh: bool,
    repeatable: bool,
) -> Handed<'t> {
    match answer {
        SinkReply::Receipt(receipt) => received(&receipt, batch, fresh, repeatable),
        SinkReply::Later(reason, wait) => not_accepted(&reason, Some(wait), batch, fresh),
        SinkReply::Refused(error, reason) => match reason.recovery {
            Recovery::Retry | Recovery::Reauthenticate => {
                not_accepted(&reason, None, batch, fresh && !repeatable)
            }
            Recovery::FixConfig if fresh && !repeatable => Handed {
                stop: None,
                failure: Some(error),
                ..not_accepted(&reason, None, batch, true)
            },
            _ => Handed {
                failure: Some(error),
                ..Handed::default()
            },
        },
    }
}

/// A batch that was not accepted is owed. Where it is certain that nothing left, the ledger notes
/// it and the rows may still be corrected; otherwise the batch is repeated as it is.
fn not_accepted<'t>(
    reason: &PluginError,
    wait: Option<Duration>,
    batch: &[&'t DeliveryRow],
    certain: bool,
) -> Handed<'t> {
    let failed = |row: &&'t DeliveryRow| (*row, Outcome::Failed, reason.message.clone());
    Handed {
        certain: match certain {
            true => batch.iter().map(failed).collect(),
            false => Vec::new(),
        },
        owed: batch.iter().map(|row| row.row).collect(),
        stop: Some(StopReason {
            code: reason.code.clone(),
            message: reason.message.clone(),
            wait,
        }),
        ..Handed::default()
    }
}

/// A row of which the sink knows nothing keeps its open intent, and no fresh one is sent after it:
/// the cause that lost its answer would lose the next one, too.
fn received<'t>(
    receipt: &Receipt,
    batch: &[&'t DeliveryRow],
    fresh: bool,
    repeatable: bool,
) -> Handed<'t> {
    let failed = receipt.failed.iter();
    let failed: BTreeMap<usize, (&str, &str)> = failed
        .map(|e| (e.row as usize, (e.code.as_str(), e.message.as_str())))
        .collect();
    let mut handed = Handed::default();
    for (position, row) in batch.iter().enumerate() {
        match failed.get(&position) {
            Some((UNKNOWN, lost)) => {
                if fresh && handed.stop.is_none() {
                    handed.stop = Some(StopReason {
                        code: UNKNOWN.to_owned(),
                        message: (*lost).to_owned(),
                        wait: None,
                    });
                }
                match repeatable {
                    true => drop(handed.owed.insert(row.row)),
                    false => handed.unclear.push(row),
                }
            }
            Some((code, why)) => {
                handed.refused.insert(row.row, (*code).to_owned());
                let failed = (*row, Outcome::Failed, (*why).to_owned());
                handed.certain.push(failed);
            }
            None => {
                let accepted = (*row, Outcome::Accepted, receipt.summary.clone());
                handed.certain.push(accepted);
            }
        }
    }
    let accepted = u64::from(receipt.accepted);
    let refused = (handed.certain.len() as u64).saturating_sub(accepted);
    handed.counts = Some((accepted, refused));
    handed
}
