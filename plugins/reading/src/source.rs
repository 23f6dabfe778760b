//! The reading core as the source role of a plugin: a plugin adds its mappings and nothing
//! else.

use std::io::BufRead;
use std::marker::PhantomData;
use std::sync::Arc;

use tsugi_plugin as sdk;
use tsugi_plugin::bindings::imports::tsugi::plugin::types;
use twox_hash::XxHash64;

use crate::error::{ReadError, Recovery, Result};
use crate::host::{Chunks, FileEntry, Host, Reject};
use crate::mapping::catalogue::{self, OutputColumn};
use crate::mapping::config::{self, Config, Embedded};
use crate::mapping::{ColumnType, FILE_COLUMN, StreamMapping};
use crate::reader::StreamReader;
use crate::resume::state::{FileState, STATE_VERSION, State};
use crate::step::Request;
use crate::values::rows::Rows;

/// Marks the column that names a row's partition, which is its file. The value changes with all
/// that makes rows of a file beside the file, the config and this component.
const PARTITION: &str = "partition";

/// What a plugin adds to the core.
pub trait Mappings: 'static {
    /// The mappings it carries, the default first.
    const EMBEDDED: &'static [Embedded];
}

/// A source that reads export files by the mappings of `M`.
pub struct ExportSource<M> {
    reader: StreamReader,
    schema: Arc<sdk::Schema>,
    mappings: PhantomData<M>,
}

impl<M: Mappings> sdk::Source for ExportSource<M> {
    fn discover(config: &str, host: &sdk::SourceHost) -> Result<Vec<sdk::StreamInfo>, sdk::Error> {
        let host = Granted(host.clone());
        let config = config::load(config, M::EMBEDDED, &host).map_err(to_sdk)?;
        let streams = catalogue::discover(&host, &config).map_err(to_sdk)?;
        let info = |stream: catalogue::StreamDescription| {
            let mapping = crate::mapping::stream_of(&config.mapping, &stream.name)?;
            Ok(sdk::StreamInfo {
                schema: schema_of(&stream.columns, mapping),
                name: stream.name,
                primary_key: stream.primary_key,
                cursor: stream.cursor,
                doc: stream.doc,
            })
        };
        let infos = streams.into_iter().map(info).collect::<Result<_>>();
        infos.map_err(to_sdk)
    }

    fn open(
        config: &str,
        request: sdk::ReadRequest,
        host: sdk::SourceHost,
    ) -> Result<Self, sdk::Error> {
        let granted = Granted(host);
        let config: Config = config::load(config, M::EMBEDDED, &granted).map_err(to_sdk)?;
        let since = request
            .since
            .iter()
            .map(|one| FileState::decode(one.version, &one.state))
            .collect::<Result<Vec<_>>>()
            .map_err(to_sdk)?;
        let request = Request {
            stream: request.stream,
            columns: request.columns,
            // A limit of less than a row or beyond all counting is still a limit.
            limit: request.limit.map(|limit| limit.max(0.0) as u64),
            since: Some(State::of(since)),
            max_rows: request.max_rows,
            max_bytes: request.max_bytes,
            checkpoint_rows: 0,
        };
        let reader = StreamReader::open(granted, config, request).map_err(to_sdk)?;
        let schema = Arc::new(schema_of(reader.columns(), reader.stream()));
        Ok(Self {
            reader,
            schema,
            mappings: PhantomData,
        })
    }

    fn returns(&self) -> sdk::Schema {
        self.schema.as_ref().clone()
    }

    fn next(&mut self) -> Result<sdk::Step, sdk::Error> {
        let step = self.reader.next_step().map_err(to_sdk)?;
        let rows = match step.rows {
            Some(rows) => Some(sdk::Batch::from_wire(self.schema.clone(), to_wire(rows))?),
            None => None,
        };
        // Each file is a partition; the one that was read last is the one that moved.
        let checkpoint = step.checkpoint.and_then(|checkpoint| {
            let file = checkpoint.file?;
            Some(sdk::Checkpoint {
                version: STATE_VERSION,
                state: file.encode(),
                summary: checkpoint.summary,
                rows: file.rows as f64,
                partition: file.name,
            })
        });
        Ok(sdk::Step {
            rows,
            checkpoint,
            wait_ms: None,
            done: step.done,
        })
    }
}

/// What a stream's mapping says, as a digest.
fn basis(stream: &StreamMapping) -> String {
    format!(
        "{:016x}",
        XxHash64::oneshot(0, format!("{stream:?}").as_bytes())
    )
}

/// The schema of some columns as it crosses.
fn schema_of(columns: &[OutputColumn], stream: &StreamMapping) -> sdk::Schema {
    let field = |column: &OutputColumn| {
        let data_type = match column.kind {
            ColumnType::Text => sdk::DataType::Utf8,
            ColumnType::Integer => sdk::DataType::I64,
            ColumnType::Number => sdk::DataType::F64,
            ColumnType::Decimal { precision, scale } => sdk::DataType::Decimal {
                precision,
                scale: i8::try_from(scale).unwrap_or(i8::MAX),
            },
            ColumnType::Boolean => sdk::DataType::Bool,
            ColumnType::Date => sdk::DataType::Date,
            ColumnType::Timestamp => sdk::DataType::timestamp(),
        };
        let mut field = sdk::Field::new(column.name.clone(), data_type);
        field.nullable = column.nullable;
        if !column.doc.is_empty() {
            field.metadata.push(("doc".to_owned(), column.doc.clone()));
        }
        if column.name == FILE_COLUMN {
            field.metadata.push((PARTITION.to_owned(), basis(stream)));
        }
        field
    };
    columns.iter().map(field).collect()
}

fn to_wire(rows: Rows) -> types::Batch {
    let nodes = rows.nulls.iter().map(|nulls| types::Node {
        length: rows.count,
        nulls: *nulls,
    });
    types::Batch {
        rows: rows.count,
        nodes: nodes.collect(),
        buffers: rows.buffers,
    }
}

fn to_sdk(error: ReadError) -> sdk::Error {
    let (recovery, scope) = match error.recovery {
        Recovery::FixConfig => (sdk::Recovery::FixConfig, sdk::Scope::Run),
        Recovery::Reauthenticate => (sdk::Recovery::Reauthenticate, sdk::Scope::Stream),
        Recovery::Retry => (sdk::Recovery::Retry, sdk::Scope::Stream),
        Recovery::Throttled => (sdk::Recovery::Throttled, sdk::Scope::Stream),
        Recovery::RejectData => (sdk::Recovery::RejectData, sdk::Scope::Batch),
        Recovery::GiveUp => (sdk::Recovery::GiveUp, sdk::Scope::Stream),
        Recovery::Defect => (sdk::Recovery::Defect, sdk::Scope::Run),
    };
    let mut out = sdk::Error::new(recovery, scope, error.code, error.message);
    (out.detail, out.at, out.retry_after_ms) = (error.detail, error.at, error.retry_after_ms);
    out
}

fn from_sdk(error: sdk::Error) -> ReadError {
    let recovery = match error.recovery {
        sdk::Recovery::FixConfig => Recovery::FixConfig,
        sdk::Recovery::Reauthenticate => Recovery::Reauthenticate,
        sdk::Recovery::Retry => Recovery::Retry,
        sdk::Recovery::Throttled => Recovery::Throttled,
        sdk::Recovery::RejectData => Recovery::RejectData,
        sdk::Recovery::GiveUp => Recovery::GiveUp,
        sdk::Recovery::Defect => Recovery::Defect,
    };
    let mut out = ReadError::new(recovery, &error.code, error.message.clone());
    (out.detail, out.at, out.retry_after_ms) =
        (error.detail.clone(), error.at.clone(), error.retry_after_ms);
    out
}

/// The host as the core sees it.
struct Granted(sdk::SourceHost);

impl Host for Granted {
    fn entries(&self, input: &str, prefix: &str) -> Result<Vec<FileEntry>> {
        let entries = self.0.entries(input, prefix).map_err(from_sdk)?;
        let entry = |entry: sdk::Entry| FileEntry {
            name: entry.name,
            size_bytes: entry.size.max(0.0) as u64,
            modified_ms: entry.modified_ms,
        };
        Ok(entries.into_iter().map(entry).collect())
    }

    fn open(&self, input: &str, name: &str, offset_bytes: u64) -> Result<Box<dyn Chunks>> {
        Ok(Box::new(Granting(
            self.0.open(input, name, offset_bytes).map_err(from_sdk)?,
        )))
    }

    fn rejects(&self, rows: Vec<Reject>) {
        let reject = |reject: Reject| sdk::Reject {
            stream: reject.stream,
            file: reject.file,
            line: u32::try_from(reject.line).unwrap_or(u32::MAX),
            column: reject.column,
            code: reject.code.to_owned(),
            reason: reject.reason,
            raw: reject.raw,
        };
        self.0
            .rejects(&rows.into_iter().map(reject).collect::<Vec<_>>());
    }

    fn notice(&self, stream: &str, code: &str, message: &str) {
        self.0.notice(stream, code, message);
    }
}

struct Granting(sdk::InputFile);

impl Chunks for Granting {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>> {
        let ready = self.0.fill_buf().map_err(|error| from_sdk(error.into()))?;
        let bytes = ready
            .get(..ready.len().min(max as usize))
            .unwrap_or(ready)
            .to_vec();
        self.0.consume(bytes.len());
        Ok((!bytes.is_empty()).then_some(bytes))
    }
}
