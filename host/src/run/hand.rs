//! One batch of a delivery handed to its sink: what the sink answers, and what that means.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::BTreeMap;
use std::time::Duration;

use super::deliver::Sending;
use super::error::RunError;
use super::event::Event;
use super::mask;
use super::messages::Message;
use crate::sandbox::{
    COMPLAINED, PluginError, Receipt, Recovery, SandboxError, SinkWriter, UNKNOWN,
};
use crate::warehouse::{MessageKey, Outcome};

/// A wait where the channel does not say how long, and the shortest one.
const WAIT: Duration = Duration::from_secs(1);

impl Sending<'_> {
    /// Hands one batch to the sink and writes its receipt down. Says why the delivery must stop,
    /// when it must. `fresh` is a batch that was never handed over before.
    pub(super) async fn write(
        &mut self,
        writer: &mut SinkWriter,
        sequence: u32,
        batch: &[&Message],
        fresh: bool,
    ) -> Result<Option<String>, RunError> {
        let rows = self.messages.pick(batch)?;
        loop {
            let error = match writer.write(sequence, &rows).await {
                Ok(receipt) => return self.received(sequence, batch, &receipt, fresh).await,
                Err(error) => error,
            };
            let SandboxError::Failed { error: said, .. } = &error else {
                return Err(error.into());
            };
            let asked = said.retry_after_ms.map(u64::from);
            let wait = asked.map_or(WAIT, Duration::from_millis).max(WAIT);
            match said.recovery {
                Recovery::Throttled => match self.patience.checked_sub(wait) {
                    Some(left) => {
                        self.patience = left;
                        tokio::time::sleep(wait).await;
                    }
                    None => {
                        self.untaken(batch, fresh, said).await?;
                        let said = self.words(&said.code, &said.message);
                        let why = format!("{said} (it asks for {} s)", wait.as_secs());
                        return Ok(Some(why));
                    }
                },
                Recovery::Retry | Recovery::Reauthenticate => {
                    let sure = fresh && !self.terms.repeatable;
                    self.untaken(batch, sure, said).await?;
                    return Ok(Some(self.words(&said.code, &said.message)));
                }
                Recovery::FixConfig if fresh && !self.terms.repeatable => {
                    self.untaken(batch, true, said).await?;
                    return Err(error.into());
                }
                _ => return Err(error.into()),
            }
        }
    }

    /// What the sink said, as far as it may be shown.
    fn words(&self, code: &str, message: &str) -> String {
        mask::words(code, message, self.personal)
    }

    /// Counts a batch that was not taken as owed. Where that is sure the ledger says so, and the
    /// text may still be corrected; where it is not, the batch stays as it is, to be repeated.
    async fn untaken(
        &mut self,
        batch: &[&Message],
        sure: bool,
        said: &PluginError,
    ) -> Result<(), RunError> {
        if sure {
            let failed = batch.iter().map(|message| {
                let key = message.key.clone();
                (key, Outcome::Failed, said.message.clone())
            });
            let failed: Vec<_> = failed.collect();
            let ledger = self.warehouse.ledger();
            ledger.receipt(&self.claim, &failed).await?;
        }
        self.left(batch.len());
        Ok(())
    }

    /// Writes a receipt down. A message of which the sink knows nothing keeps its open intent,
    /// and no fresh one is sent after it: whatever lost its answer would lose the next one, too.
    async fn received(
        &mut self,
        sequence: u32,
        batch: &[&Message],
        receipt: &Receipt,
        fresh: bool,
    ) -> Result<Option<String>, RunError> {
        let failed = receipt.failed.iter();
        let failed: BTreeMap<usize, (&str, &str)> = failed
            .map(|e| (e.row as usize, (e.code.as_str(), e.message.as_str())))
            .collect();
        let mut outcomes: Vec<(MessageKey, Outcome, String)> = Vec::new();
        let mut stop = None;
        for (row, message) in batch.iter().enumerate() {
            let key = message.key.clone();
            match failed.get(&row) {
                Some((UNKNOWN, lost)) => {
                    if fresh && stop.is_none() {
                        stop = Some(self.words(UNKNOWN, lost));
                    }
                    match self.terms.repeatable {
                        true => self.left(1),
                        false => self.unclear([key]),
                    }
                }
                Some((code, why)) => {
                    if *code == COMPLAINED {
                        self.complaints.note(message, true);
                    }
                    outcomes.push((key, Outcome::Failed, (*why).to_owned()));
                }
                None => {
                    self.complaints.note(message, false);
                    outcomes.push((key, Outcome::Accepted, receipt.summary.clone()));
                }
            }
        }
        let ledger = self.warehouse.ledger();
        ledger.receipt(&self.claim, &outcomes).await?;
        let accepted = u64::from(receipt.accepted);
        let refused = outcomes.len() as u64 - accepted;
        self.told.sent += accepted;
        self.told.failed += refused;
        self.watch.tell(Event::Received {
            sequence,
            accepted,
            failed: refused,
        });
        Ok(stop)
    }
}
