//! Where rows leave: written in numbered batches, each answered by a receipt.
use std::cell::RefCell;
use std::sync::Arc;

use crate::batch::Batch;
use crate::bindings::imports::tsugi::plugin::types::Batch as WireBatch;
use crate::bindings::sink::exports::tsugi::plugin::{sink as wit, sink_terms as wit_terms};
use crate::error::{Error, Fault, RowError};
use crate::host::SinkHost;
use crate::schema::Schema;

/// A place to write to. A value of the type writes one delivery.
///
/// `config` is JSON that the host has checked against plugin.toml; `{}` when there is none.
pub trait Sink: Sized + 'static {
    /// What the host must know before it hands rows over. Without it a batch may be written
    /// again, and is as large as the host likes.
    fn terms(_config: &str) -> Result<Terms, Error> {
        Ok(Terms::default())
    }
    /// Opens a delivery. With `request.dry_run` everything is validated and nothing affected.
    fn open(config: &str, request: WriteRequest, host: SinkHost) -> Result<Self, Error>;
    /// Writes a batch. The same sequence with the same rows again has no second effect, unless
    /// the terms say otherwise. The error `throttled` means that no row of it was accepted.
    fn write(&mut self, sequence: u32, rows: &Batch) -> Result<Receipt, Error>;
    fn commit(&mut self) -> Result<Receipt, Error>;
    /// No more will be written.
    fn abort(&mut self) -> Result<(), Error>;
}

/// On what terms a sink takes rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Whether a batch whose receipt never came may be written again.
    pub repeat: Repeat,
    /// Most rows of a batch; 0 leaves it to the host.
    pub batch_rows: u32,
}

/// Whether a batch may be written again when its outcome is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repeat {
    /// It may: the same batch again has no second effect.
    #[default]
    Same,
    /// It may not: a person must find out. `retry`, `reauthenticate`, `fix-config` and
    /// `throttled` then mean that no row of the batch was accepted.
    Never,
}

/// What is to be written, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteRequest {
    /// The name of the delivery.
    pub target: String,
    /// `append`.
    pub mode: String,
    /// The columns that identify a row.
    pub key: Vec<String>,
    /// The columns of every batch.
    pub schema: Arc<Schema>,
    /// The run the rows come from.
    pub run_id: String,
    /// Validate everything, affect nothing.
    pub dry_run: bool,
    /// Room for what later versions add.
    pub extra: Vec<(String, String)>,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Receipt {
    /// Rows that were accepted.
    pub accepted: u32,
    /// Rows that were not accepted; every other row of the batch was. The code
    /// [`Receipt::UNKNOWN`] means that it is unknown whether the row arrived; any other, that
    /// it certainly did not.
    pub failed: Vec<RowError>,
    /// The last sequence that is durable.
    pub durable_through: Option<u32>,
    /// For people: where the rows went.
    pub summary: String,
}

impl Receipt {
    /// The code of a row of which it is unknown whether it arrived.
    pub const UNKNOWN: &'static str = "unknown";

    /// The code of a row that the channel refused because the person complained there of earlier
    /// ones. A delivery stops advertising where too many do.
    pub const COMPLAINED: &'static str = "complained";

    /// So many rows were accepted, and none refused.
    pub fn accepted(rows: usize, summary: impl Into<String>) -> Self {
        let accepted = u32::try_from(rows).unwrap_or(u32::MAX);
        Self {
            accepted,
            summary: summary.into(),
            ..Self::default()
        }
    }

    /// Adds that everything up to and with this sequence is durable.
    #[must_use]
    pub fn durable_through(mut self, sequence: u32) -> Self {
        self.durable_through = Some(sequence);
        self
    }

    fn into_wire(self) -> wit::Receipt {
        wit::Receipt {
            accepted: self.accepted,
            failed: self.failed,
            durable_through: self.durable_through,
            summary: self.summary,
        }
    }
}

/// The sink of a component.
pub trait HasSink: 'static {
    type Sink: Sink;
}

pub struct Writer<K> {
    sink: RefCell<K>,
    schema: Arc<Schema>,
}

impl<P: HasSink> wit::Guest for P {
    type Writer = Writer<P::Sink>;
}

impl<P: HasSink> wit_terms::Guest for P {
    fn describe(config: String) -> Result<wit_terms::Terms, Fault> {
        let terms = P::Sink::terms(&config)?;
        let repeat = match terms.repeat {
            Repeat::Same => "same",
            Repeat::Never => "never",
        };
        Ok(wit_terms::Terms {
            repeat: repeat.to_owned(),
            batch_rows: terms.batch_rows,
            extra: Vec::new(),
        })
    }
}

impl<K: Sink> wit::GuestWriter for Writer<K> {
    fn open(config: String, request: wit::WriteRequest) -> Result<wit::Writer, Fault> {
        let schema = Arc::new(Schema::from_wire(&request.schema)?);
        let request = WriteRequest {
            target: request.target,
            mode: request.mode,
            key: request.key,
            schema: schema.clone(),
            run_id: request.run_id,
            dry_run: request.dry_run,
            extra: request.extra,
        };
        let sink = K::open(&config, request, SinkHost::imports())?;
        Ok(wit::Writer::new(Self {
            sink: RefCell::new(sink),
            schema,
        }))
    }

    fn write(&self, sequence: u32, rows: WireBatch) -> Result<wit::Receipt, Fault> {
        let rows = Batch::from_host(self.schema.clone(), rows)?;
        Ok(self.sink.borrow_mut().write(sequence, &rows)?.into_wire())
    }

    fn commit(&self) -> Result<wit::Receipt, Fault> {
        Ok(self.sink.borrow_mut().commit()?.into_wire())
    }

    fn abort(&self) -> Result<(), Fault> {
        Ok(self.sink.borrow_mut().abort()?)
    }
}
