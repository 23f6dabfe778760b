//! Connectors: a catalogue of streams, read in batches with checkpoints inside the stream.
use std::cell::RefCell;

use crate::batch::Batch;
use crate::bindings::imports::tsugi::plugin::types::Field as WireField;
use crate::bindings::source::exports::tsugi::plugin::source as wit;
use crate::error::{Error, Fault};
use crate::host::SourceHost;
use crate::schema::Schema;

pub use wit::{Checkpoint, Predicate, ReadRequest};

/// A connector. A value of the type reads one stream; dropping it cancels.
///
/// `config` is JSON that the host has checked against plugin.toml; `{}` when there is none.
pub trait Source: Sized + 'static {
    /// The streams that can be read. Opens no more than it must to know their columns.
    fn discover(config: &str, host: &SourceHost) -> Result<Vec<StreamInfo>, Error>;
    /// Opens a stream after the checkpoints in `request.since`.
    fn open(config: &str, request: ReadRequest, host: SourceHost) -> Result<Self, Error>;
    /// The columns of the batches: those of the stream, or those of the request, in the
    /// order of the request.
    fn returns(&self) -> Schema;
    fn next(&mut self) -> Result<Step, Error>;
}

/// A stream of a catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamInfo {
    /// Its name; its table is named so too.
    pub name: String,
    pub schema: Schema,
    /// The columns that identify a row; may be empty.
    pub primary_key: Vec<String>,
    /// The columns by which only new rows can be requested; may be empty.
    pub cursor: Vec<String>,
    /// What it holds, in a sentence.
    pub doc: String,
}

impl StreamInfo {
    /// A stream without keys.
    pub fn new(name: &str, schema: Schema, doc: &str) -> Self {
        let (name, doc) = (name.to_owned(), doc.to_owned());
        Self {
            name,
            schema,
            primary_key: Vec::new(),
            cursor: Vec::new(),
            doc,
        }
    }

    /// Names the columns that identify a row.
    #[must_use]
    pub fn primary_key(mut self, columns: &[&str]) -> Self {
        self.primary_key = columns.iter().map(|column| (*column).to_owned()).collect();
        self
    }
}

/// What a source answers: rows, a checkpoint that covers all rows up to and with this step,
/// or the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    pub rows: Option<Batch>,
    /// From where to go on after these rows.
    pub checkpoint: Option<Checkpoint>,
    /// Ask again no sooner than this.
    pub wait_ms: Option<u32>,
    /// There is nothing more.
    pub done: bool,
}

impl Step {
    /// Rows; more may come.
    pub fn rows(rows: Batch) -> Self {
        Self {
            rows: Some(rows),
            ..Self::default()
        }
    }

    /// Nothing yet: the host pulls again after so many milliseconds, as a server requires.
    pub fn wait(ms: u32) -> Self {
        Self {
            wait_ms: Some(ms),
            ..Self::default()
        }
    }

    /// The end.
    pub fn done() -> Self {
        Self {
            done: true,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn checkpoint(mut self, checkpoint: Checkpoint) -> Self {
        self.checkpoint = Some(checkpoint);
        self
    }
}

/// The source of a component.
pub trait HasSource: 'static {
    type Source: Source;
}

pub struct Reader<S> {
    source: RefCell<S>,
}

impl<P: HasSource> wit::Guest for P {
    type Reader = Reader<P::Source>;
    fn discover(config: String) -> Result<Vec<wit::StreamInfo>, Fault> {
        let streams = P::Source::discover(&config, &SourceHost::imports())?;
        Ok(streams.into_iter().map(StreamInfo::into_wire).collect())
    }
}

impl StreamInfo {
    fn into_wire(self) -> wit::StreamInfo {
        wit::StreamInfo {
            name: self.name,
            schema: self.schema.to_wire(),
            primary_key: self.primary_key,
            cursor: self.cursor,
            doc: self.doc,
            extra: Vec::new(),
        }
    }
}

impl<S: Source> wit::GuestReader for Reader<S> {
    fn open(config: String, request: ReadRequest) -> Result<wit::Reader, Fault> {
        let source = S::open(&config, request, SourceHost::imports())?;
        Ok(wit::Reader::new(Self {
            source: RefCell::new(source),
        }))
    }

    fn returns(&self) -> Vec<WireField> {
        self.source.borrow().returns().to_wire()
    }

    fn next(&self) -> Result<wit::Step, Fault> {
        let step = self.source.borrow_mut().next()?;
        Ok(wit::Step {
            rows: step.rows.map(Batch::into_wire),
            checkpoint: step.checkpoint,
            wait_ms: step.wait_ms,
            done: step.done,
        })
    }
}
