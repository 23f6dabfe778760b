//! The source role: a catalogue of streams, and readers that give batches and checkpoints.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Fields, Schema, SchemaRef};
use wasmtime::component::{ResourceAny, TypedFunc};

use super::call::{Guest, Start, clip};
use super::channel::secrets;
use super::decode::decode;
use super::error::SandboxError;
use super::flow::{Checkpoint, ReadRequest, Reject, Step, StreamInfo};
use super::limits::{Budget, Clock};
use super::plugin::{Plugin, listed};
use super::reach::Notice;
use super::schema::from_wire;
use super::state::Cancel;
use super::wire::{Field, OpenResult, PluginError};
use tsugi_core::role::Role;

const DISCOVER: &str = "source.discover";
const OPEN: &str = "source.reader.open";
const RETURNS: &str = "source.reader.returns";
const NEXT: &str = "source.reader.next";
/// Largest state of one checkpoint: it is kept in the run store and shown to people.
const STATE_MAX_BYTES: usize = 256 * 1024;

/// One stream of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFacts {
    pub name: String,
    pub fields: Fields,
    pub primary_key: Vec<String>,
    pub cursor: Vec<String>,
    pub doc: String,
    /// By what its rows can be told apart and kept, if they can.
    pub partition: Option<PartitionColumn>,
}

/// The column of a stream that names the partition of each row: the field with the metadata
/// `partition`. Rows of one partition depend on no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionColumn {
    /// Its name.
    pub column: String,
    /// Changes when the plugin would read the same partition otherwise.
    pub basis: String,
}

/// The key of a field's metadata that marks the column of partitions.
const PARTITION: &str = "partition";

fn partition_of(schema: &[Field], fields: &Fields) -> Option<PartitionColumn> {
    let marked = |field: &Field| {
        let basis = field.metadata.iter().find(|(key, _)| key == PARTITION)?;
        let (_, found) = fields.find(&field.name)?;
        (found.data_type() == &DataType::Utf8).then(|| PartitionColumn {
            column: field.name.clone(),
            basis: clip(basis.1.clone()),
        })
    };
    schema.iter().find_map(marked)
}

/// What a guest says of its streams, if it can be so.
pub(super) fn checked(said: Vec<StreamInfo>) -> Result<Vec<StreamFacts>, String> {
    listed(said.iter().map(|one| one.name.as_str()), true)?;
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
    said.into_iter().map(stream).collect()
}

impl Plugin {
    /// The streams a source offers for a configuration, and what it told on the way.
    ///
    /// # Errors
    /// When the guest fails, refuses the configuration, or describes what cannot be.
    pub async fn discover(
        self: &Arc<Self>,
        config: &str,
    ) -> Result<(Vec<StreamFacts>, Vec<Notice>), SandboxError> {
        let mut guest = Guest::hosted(self, Role::Source, Start::default()).await?;
        if let Some(reach) = &mut guest.store.data_mut().reach {
            // Kept with what is wrong with them: a source may list its streams without asking.
            reach.secrets = secrets(&self.name, &reach.granted);
        }
        let index = self.required("source", "discover")?;
        let f =
            guest.function::<(&str,), (Result<Vec<StreamInfo>, PluginError>,)>(&index, DISCOVER)?;
        let (answer,) = guest
            .call_async(&f, (config,), DISCOVER, Clock::Call)
            .await?;
        let said = answer.map_err(|error| guest.failed(DISCOVER, error))?;
        let streams = checked(said).map_err(|what| guest.malformed(DISCOVER, what))?;
        Ok((streams, guest.reported().1))
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
        let mut guest = Guest::hosted(self, Role::Source, Start { budget, cancel }).await?;
        if let Some(reach) = &mut guest.store.data_mut().reach {
            reach.secrets = Ok(secrets(&self.name, &reach.granted)?);
        }
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
            let told = Schema::new(fields);
            return Err(guest.malformed(RETURNS, format!("the columns {told}, not {expected}")));
        }
        Ok(SourceReader {
            guest,
            resource,
            next,
            course: Course::new(expected),
        })
    }
}

type Next = TypedFunc<(ResourceAny,), (Result<Step, PluginError>,)>;

/// A running reader. It belongs to one execution.
pub struct SourceReader {
    guest: Guest,
    resource: ResourceAny,
    next: Next,
    course: Course,
}

/// What came since the last step. A checkpoint covers every row up to and with this step.
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
    /// The next step. After `done` there is none.
    ///
    /// # Errors
    /// When the guest fails or breaks the contract.
    pub async fn next(&mut self) -> Result<SourceStep, SandboxError> {
        if self.course.done {
            return Ok(SourceStep {
                done: true,
                ..SourceStep::default()
            });
        }
        let f = self.next;
        let (answer,) = self
            .guest
            .call_async(&f, (self.resource,), NEXT, Clock::Batch)
            .await?;
        let step = answer.map_err(|error| self.guest.failed(NEXT, error))?;
        let step = self.course.take(step);
        let step = step.map_err(|what| self.guest.malformed(NEXT, what))?;
        let (rejects, notices) = self.guest.reported();
        Ok(SourceStep {
            rejects: rejects.into_iter().map(readable).collect(),
            notices,
            ..step
        })
    }
}

/// What a reader has promised and how far it came: each step is held against it.
pub(super) struct Course {
    schema: SchemaRef,
    /// The partition and rows of the last checkpoint.
    last: Option<(String, f64)>,
    done: bool,
}

impl Course {
    pub(super) fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            last: None,
            done: false,
        }
    }

    /// A step as the guest gave it, if it can be so; what it reported is not in it.
    pub(super) fn take(&mut self, step: Step) -> Result<SourceStep, String> {
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

/// A reject whose texts have been cut to what is kept.
fn readable(reject: Reject) -> Reject {
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
