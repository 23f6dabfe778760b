//! The source role: a catalogue of streams, and readers that return batches and checkpoints.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Fields, Schema, SchemaRef};
use tsugi_core::role::Role;
use wasmtime::component::{ResourceAny, TypedFunc};

use crate::boundary::decode::decode;
use crate::boundary::names::check_names;
use crate::boundary::schema::from_wire;
use crate::boundary::wire::{
    Checkpoint, Field, OpenResult, PluginError, ReadRequest, Reject, Step, StreamInfo,
};
use crate::error::SandboxError;
use crate::instance::cancel::Cancel;
use crate::instance::guest::{Guest, StartOptions};
use crate::instance::reports::Notice;
use crate::limits::{Budget, Clock};
use crate::plugin::Plugin;
use crate::text::clip;

const DISCOVER: &str = "source.discover";
const OPEN: &str = "source.reader.open";
const RETURNS: &str = "source.reader.returns";
const NEXT: &str = "source.reader.next";
/// Largest state of one checkpoint: it is stored with the run and printed for people.
const STATE_MAX_BYTES: usize = 256 * 1024;

/// One stream of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFacts {
    pub name: String,
    pub fields: Fields,
    pub primary_key: Vec<String>,
    pub cursor: Vec<String>,
    pub doc: String,
    /// None when its rows cannot be read by partition.
    pub partition: Option<PartitionColumn>,
}

/// The column of a stream that names the partition of each row: the field with the metadata
/// `partition`. Rows of one partition depend on no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionColumn {
    pub column: String,
    /// Changes when the plugin would read the same partition differently.
    pub read_basis: String,
}

/// The key of a field's metadata that marks the column of partitions.
const PARTITION: &str = "partition";

fn partition_of(schema: &[Field], fields: &Fields) -> Option<PartitionColumn> {
    let marked = |field: &Field| {
        let read_basis = field.metadata.iter().find(|(key, _)| key == PARTITION)?;
        let (_, found) = fields.find(&field.name)?;
        (found.data_type() == &DataType::Utf8).then(|| PartitionColumn {
            column: field.name.clone(),
            read_basis: clip(read_basis.1.clone()),
        })
    };
    schema.iter().find_map(marked)
}

pub(crate) fn checked(described: Vec<StreamInfo>) -> Result<Vec<StreamFacts>, String> {
    check_names(described.iter().map(|one| one.name.as_str()), true)?;
    let stream = |one: StreamInfo| {
        let wrong = |what: String| format!("the stream `{}`: {what}", one.name);
        let fields = from_wire(&one.schema).map_err(wrong)?;
        let mut keys = one.primary_key.iter().chain(&one.cursor);
        if let Some(key) = keys.find(|key| fields.find(key).is_none()) {
            let key = clip(key.clone());
            return Err(wrong(format!("its key `{key}` is not a column")));
        }
        Ok(StreamFacts {
            partition: partition_of(&one.schema, &fields),
            name: one.name,
            fields,
            primary_key: one.primary_key,
            cursor: one.cursor,
            doc: clip(one.doc),
        })
    };
    described.into_iter().map(stream).collect()
}

impl Plugin {
    /// The streams that a source offers for a configuration, and its notices.
    ///
    /// # Errors
    /// When the guest fails, refuses the configuration, or its descriptions are invalid.
    pub async fn discover(
        self: &Arc<Self>,
        config: &str,
    ) -> Result<(Vec<StreamFacts>, Vec<Notice>), SandboxError> {
        let mut guest = Guest::hosted(self, Role::Source, StartOptions::default()).await?;
        guest.try_read_secrets();
        let index = self.required("source", "discover")?;
        let f =
            guest.function::<(&str,), (Result<Vec<StreamInfo>, PluginError>,)>(&index, DISCOVER)?;
        let (result,) = guest
            .call_async(&f, (config,), DISCOVER, Clock::Call)
            .await?;
        let described = result.map_err(|error| guest.failed(DISCOVER, error))?;
        let streams = checked(described).map_err(|what| guest.malformed(DISCOVER, what))?;
        Ok((streams, guest.drain_reports().1))
    }

    /// Opens a reader for one stream.
    ///
    /// # Errors
    /// When the guest fails, or would return other columns than `expected`.
    pub async fn read(
        self: &Arc<Self>,
        config: &str,
        request: ReadRequest,
        expected: SchemaRef,
        budget: Option<Arc<dyn Budget>>,
        cancel: Cancel,
    ) -> Result<SourceReader, SandboxError> {
        let mut guest = Guest::hosted(self, Role::Source, StartOptions { budget, cancel }).await?;
        guest.read_secrets()?;
        let at = |name: &str| self.required("source", name);
        let open =
            guest.function::<(&str, ReadRequest), OpenResult>(&at("[static]reader.open")?, OPEN)?;
        let returns = guest
            .function::<(ResourceAny,), (Vec<Field>,)>(&at("[method]reader.returns")?, RETURNS)?;
        let next: Next = guest.function(&at("[method]reader.next")?, NEXT)?;
        let (opened,) = guest
            .call_async(&open, (config, request), OPEN, Clock::Batch)
            .await?;
        let resource = opened.map_err(|error| guest.failed(OPEN, error))?;
        let (fields,) = guest
            .call_async(&returns, (resource,), RETURNS, Clock::Call)
            .await?;
        let fields = from_wire(&fields).map_err(|what| guest.malformed(RETURNS, what))?;
        if &fields != expected.fields() {
            let returned = Schema::new(fields);
            let what = format!("the columns {returned}, not {expected}");
            return Err(guest.malformed(RETURNS, what));
        }
        Ok(SourceReader {
            guest,
            resource,
            next,
            state: ReaderState::new(expected),
        })
    }
}

type Next = TypedFunc<(ResourceAny,), (Result<Step, PluginError>,)>;

/// A running reader. It belongs to one execution.
pub struct SourceReader {
    guest: Guest,
    resource: ResourceAny,
    next: Next,
    state: ReaderState,
}

/// The rows and reports since the last step. A checkpoint covers every row up to and with this step.
#[derive(Debug, Default)]
pub struct SourceStep {
    pub rows: Option<RecordBatch>,
    pub checkpoint: Option<Checkpoint>,
    pub rejects: Vec<Reject>,
    pub notices: Vec<Notice>,
    pub wait_ms: u32,
    pub done: bool,
}

impl SourceReader {
    /// The next step; empty after `done`.
    ///
    /// # Errors
    /// When the guest fails or breaks the contract.
    pub async fn next(&mut self) -> Result<SourceStep, SandboxError> {
        if self.state.done {
            return Ok(SourceStep {
                done: true,
                ..SourceStep::default()
            });
        }
        let f = self.next;
        let (result,) = self
            .guest
            .call_async(&f, (self.resource,), NEXT, Clock::Batch)
            .await?;
        let step = result.map_err(|error| self.guest.failed(NEXT, error))?;
        let step = self.state.accept(step);
        let step = step.map_err(|what| self.guest.malformed(NEXT, what))?;
        let (rejects, notices) = self.guest.drain_reports();
        Ok(SourceStep {
            rejects: rejects.into_iter().map(clipped).collect(),
            notices,
            ..step
        })
    }
}

/// The schema of a reader and its progress, against which each step is checked.
pub(crate) struct ReaderState {
    schema: SchemaRef,
    /// The partition and rows of the last checkpoint.
    last: Option<(String, f64)>,
    done: bool,
}

impl ReaderState {
    pub(crate) fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            last: None,
            done: false,
        }
    }

    /// Checks a step and decodes its rows; the reports are added by the caller.
    pub(crate) fn accept(&mut self, step: Step) -> Result<SourceStep, String> {
        let columns = step
            .rows
            .map(|batch| decode(batch, self.schema.fields(), None));
        let rows = match columns {
            None => None,
            Some(columns) => {
                let built =
                    RecordBatch::try_new(Arc::clone(&self.schema), columns.map_err(|bad| bad.0)?);
                Some(built.map_err(|error| error.to_string())?)
            }
        };
        if let Some(checkpoint) = &step.checkpoint {
            self.check(checkpoint)?;
        }
        self.done = step.done;
        Ok(SourceStep {
            rows,
            checkpoint: step.checkpoint,
            wait_ms: step.wait_ms.unwrap_or(0),
            done: step.done,
            ..SourceStep::default()
        })
    }

    fn check(&mut self, checkpoint: &Checkpoint) -> Result<(), String> {
        if checkpoint.state.len() > STATE_MAX_BYTES {
            return Err(format!(
                "a checkpoint of {} bytes: at most {STATE_MAX_BYTES}",
                checkpoint.state.len()
            ));
        }
        if !checkpoint.rows.is_finite() || checkpoint.rows < 0.0 {
            return Err("a checkpoint whose number of rows is no number".into());
        }
        let last = self
            .last
            .replace((checkpoint.partition.clone(), checkpoint.rows));
        match last {
            Some((partition, rows))
                if partition == checkpoint.partition && checkpoint.rows < rows =>
            {
                Err(format!(
                    "a checkpoint of {} rows after one of {rows}",
                    checkpoint.rows
                ))
            }
            _ => Ok(()),
        }
    }
}

fn clipped(reject: Reject) -> Reject {
    Reject {
        stream: clip(reject.stream),
        file: clip(reject.file),
        line: reject.line,
        column: reject.column.map(clip),
        code: clip(reject.code),
        reason: clip(reject.reason),
        raw: clip(reject.raw),
    }
}
