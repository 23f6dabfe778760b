//! The sink role: numbered batches, each confirmed by a receipt.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Fields;
use tsugi_core::role::Role;
use wasmtime::component::{ResourceAny, TypedFunc};

use crate::boundary::encode::Encoded;
use crate::boundary::schema::to_wire;
use crate::boundary::wire::{
    BatchIn, OpenResult, PluginError, Receipt, RowError, Terms, WriteRequest,
};
use crate::error::SandboxError;
use crate::gate::SendGate;
use crate::instance::cancel::Cancel;
use crate::instance::guest::{Guest, StartOptions};
use crate::limits::Clock;
use crate::plugin::Plugin;
use crate::text::clip;

const TERMS: &str = "sink-terms.describe";
const OPEN: &str = "sink.writer.open";
const WRITE: &str = "sink.writer.write";
const COMMIT: &str = "sink.writer.commit";
const ABORT: &str = "sink.writer.abort";

/// The code of a row that may or may not have arrived.
pub const UNKNOWN: &str = "unknown";
/// The code of a row that the channel refused because the person complained about earlier ones.
pub const COMPLAINED: &str = "complained";

/// The terms on which a sink accepts rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SinkTerms {
    /// Whether a batch without a receipt may be written again.
    pub repeatable: bool,
    /// Most rows of a batch.
    pub batch_rows: Option<usize>,
}

/// The rows to write, and how.
#[derive(Debug, Clone)]
pub struct Target {
    pub name: String,
    /// The columns that identify a row.
    pub key: Vec<String>,
    pub fields: Fields,
    pub run_id: String,
    pub dry_run: bool,
    /// Decides what the sink may send; without one it sends what its grants allow.
    pub gate: Option<Arc<dyn SendGate>>,
}

type Write = TypedFunc<(ResourceAny, u32, BatchIn<'static>), (Result<Receipt, PluginError>,)>;
type TermsResult = (Result<Terms, PluginError>,);
type Commit = TypedFunc<(ResourceAny,), (Result<Receipt, PluginError>,)>;
type Abort = TypedFunc<(ResourceAny,), (Result<(), PluginError>,)>;

/// An open writer. It belongs to one delivery.
pub struct SinkWriter {
    guest: Guest,
    resource: ResourceAny,
    write: Write,
    commit: Commit,
    abort: Abort,
    fields: Fields,
}

impl Plugin {
    /// The terms of a sink under a config; a sink without terms may be repeated.
    ///
    /// # Errors
    /// When the guest fails, or returns terms that the host does not know.
    pub fn terms(self: &Arc<Self>, config: &str) -> Result<SinkTerms, SandboxError> {
        let Some(index) = self.export("sink-terms", "describe") else {
            return Ok(SinkTerms {
                repeatable: true,
                batch_rows: None,
            });
        };
        let mut guest = Guest::pure(self, StartOptions::default())?;
        let describe: TypedFunc<(&str,), TermsResult> = guest.function(&index, TERMS)?;
        let (described,) = guest.call(&describe, (config,), TERMS)?;
        let terms = described.map_err(|error| guest.failed(TERMS, error))?;
        let repeatable = match terms.repeat.as_str() {
            "same" => true,
            "never" => false,
            other => {
                let other = clip(other.to_owned());
                return Err(guest.malformed(TERMS, format!("`{other}` for same or never")));
            }
        };
        let batch_rows = usize::try_from(terms.batch_rows).ok();
        Ok(SinkTerms {
            repeatable,
            batch_rows: batch_rows.filter(|rows| *rows > 0),
        })
    }

    /// Opens a writer.
    ///
    /// # Errors
    /// When a column's type does not cross or the guest refuses.
    pub async fn write(
        self: &Arc<Self>,
        config: &str,
        target: &Target,
        cancel: Cancel,
    ) -> Result<SinkWriter, SandboxError> {
        let schema =
            to_wire(target.fields.iter()).map_err(|uncrossable| self.uncrossable(uncrossable))?;
        let options = StartOptions {
            budget: None,
            cancel,
        };
        let mut guest = Guest::hosted(self, Role::Sink, options).await?;
        guest.set_dry_run(target.dry_run);
        guest.set_gate(target.gate.clone());
        guest.read_secrets()?;
        let at = |name: &str| self.required("sink", name);
        let open = guest
            .function::<(&str, WriteRequest), OpenResult>(&at("[static]writer.open")?, OPEN)?;
        let write: Write = guest.function(&at("[method]writer.write")?, WRITE)?;
        let commit: Commit = guest.function(&at("[method]writer.commit")?, COMMIT)?;
        let abort: Abort = guest.function(&at("[method]writer.abort")?, ABORT)?;
        let request = WriteRequest {
            target: target.name.clone(),
            mode: "append".into(),
            key: target.key.clone(),
            schema,
            run_id: target.run_id.clone(),
            dry_run: target.dry_run,
            extra: Vec::new(),
        };
        let (opened,) = guest
            .call_async(&open, (config, request), OPEN, Clock::Batch)
            .await?;
        let resource = opened.map_err(|error| guest.failed(OPEN, error))?;
        Ok(SinkWriter {
            guest,
            resource,
            write,
            commit,
            abort,
            fields: target.fields.clone(),
        })
    }
}

impl SinkWriter {
    /// Writes one batch under its sequence number.
    ///
    /// # Errors
    /// When the guest fails, or its receipt does not account for every row of the batch.
    pub async fn write(
        &mut self,
        sequence: u32,
        rows: &RecordBatch,
    ) -> Result<Receipt, SandboxError> {
        let encoded = Encoded::new(rows.columns(), &self.fields, rows.num_rows())
            .map_err(|error| SandboxError::layout(self.guest.plugin().name(), WRITE, error))?;
        let f: TypedFunc<(ResourceAny, u32, BatchIn<'_>), _> = self.write;
        let args = (self.resource, sequence, encoded.lend());
        let (result,) = self.guest.call_async(&f, args, WRITE, Clock::Batch).await?;
        let receipt = result.map_err(|error| self.guest.failed(WRITE, error))?;
        checked(receipt, sequence, rows.num_rows()).map_err(|what| {
            self.guest.poison();
            self.guest.malformed(WRITE, what)
        })
    }

    /// Ends the delivery.
    ///
    /// # Errors
    /// When the guest fails.
    pub async fn commit(mut self) -> Result<Receipt, SandboxError> {
        let f = self.commit;
        let (result,) = self
            .guest
            .call_async(&f, (self.resource,), COMMIT, Clock::Batch)
            .await?;
        result
            .map(clipped)
            .map_err(|error| self.guest.failed(COMMIT, error))
    }

    /// Ends the delivery early.
    ///
    /// # Errors
    /// When the guest fails.
    pub async fn abort(mut self) -> Result<(), SandboxError> {
        let f = self.abort;
        let (result,) = self
            .guest
            .call_async(&f, (self.resource,), ABORT, Clock::Batch)
            .await?;
        result.map_err(|error| self.guest.failed(ABORT, error))
    }
}

/// Checks that a receipt accounts for every row of its batch once.
pub(crate) fn checked(receipt: Receipt, sequence: u32, rows: usize) -> Result<Receipt, String> {
    let mut failed: Vec<u32> = receipt.failed.iter().map(|error| error.row).collect();
    failed.sort_unstable();
    failed.dedup();
    let sums = failed.len() == receipt.failed.len()
        && receipt.accepted as usize + failed.len() == rows
        && failed.last().is_none_or(|row| (*row as usize) < rows);
    if !sums {
        return Err(format!(
            "a receipt for {} accepted and {} failed of {rows} rows",
            receipt.accepted,
            receipt.failed.len()
        ));
    }
    match receipt.durable_through {
        Some(durable) if durable > sequence => Err(format!(
            "batch {durable} is said to be durable, {sequence} is the last one sent"
        )),
        _ => Ok(clipped(receipt)),
    }
}

fn clipped(receipt: Receipt) -> Receipt {
    let failed = receipt
        .failed
        .into_iter()
        .map(|e| RowError {
            row: e.row,
            code: clip(e.code),
            message: clip(e.message),
        })
        .collect();
    Receipt {
        failed,
        summary: clip(receipt.summary),
        ..receipt
    }
}
