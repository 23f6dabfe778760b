//! The bytes of nodes: JSON, in which schemas and values are Arrow IPC streams in Base64.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Field, Fields, Schema, SchemaRef};
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::common::{Result, ScalarValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::FunctionError;
use crate::set::PluginKey;
use crate::source::SourceTable;
use crate::source::scan::Scan;
use crate::table::call::Call;
use tsugi_sandbox::{Checkpoint, InputPort, Predicate};

pub(super) fn write(node: &impl Serialize, buf: &mut Vec<u8>) -> Result<()> {
    let bytes = serde_json::to_vec(node).map_err(invalid)?;
    buf.extend_from_slice(&bytes);
    Ok(())
}

pub(super) fn read<T: DeserializeOwned>(buf: &[u8]) -> Result<T> {
    Ok(serde_json::from_slice(buf).map_err(invalid)?)
}

pub(super) fn invalid(error: impl ToString) -> FunctionError {
    FunctionError::Encoding(error.to_string())
}

/// A schema, and perhaps one row of values.
#[derive(Serialize, Deserialize)]
struct Ipc(String);

impl Ipc {
    fn schema(schema: &Schema) -> Result<Self> {
        Self::stream(schema, None)
    }

    fn stream(schema: &Schema, row: Option<&RecordBatch>) -> Result<Self> {
        let mut writer = StreamWriter::try_new(Vec::new(), schema)?;
        if let Some(row) = row {
            writer.write(row)?;
        }
        writer.finish()?;
        Ok(Self(STANDARD.encode(writer.into_inner()?)))
    }

    fn reader(&self) -> Result<StreamReader<std::io::Cursor<Vec<u8>>>> {
        let bytes = STANDARD.decode(&self.0).map_err(invalid)?;
        Ok(StreamReader::try_new(std::io::Cursor::new(bytes), None)?)
    }

    fn to_schema(&self) -> Result<SchemaRef> {
        Ok(self.reader()?.schema())
    }
}

/// [`Call`], with what its node knows beside its inputs.
#[derive(Serialize, Deserialize)]
pub(super) struct CallBytes {
    key: PluginKey,
    function: String,
    ports: Vec<(String, Ipc)>,
    /// One row, a column for each option; absent without options.
    options: Option<Ipc>,
    columns: Ipc,
    /// Which inputs must arrive in the order that they have.
    pub(super) sorted: Vec<bool>,
}

impl CallBytes {
    pub(super) fn new(call: &Call, columns: &Schema, sorted: Vec<bool>) -> Result<Self> {
        let port = |port: &InputPort| {
            let schema = Schema::new(port.fields.clone());
            Ok((port.name.clone(), Ipc::schema(&schema)?))
        };
        Ok(Self {
            key: call.key.clone(),
            function: call.function.clone(),
            ports: call.ports.iter().map(port).collect::<Result<_>>()?,
            options: options(&call.options)?,
            columns: Ipc::schema(columns)?,
            sorted,
        })
    }

    pub(super) fn call(&self) -> Result<Call> {
        let port = |(name, ipc): &(String, Ipc)| {
            Ok(InputPort {
                name: name.clone(),
                fields: ipc.to_schema()?.fields().clone(),
            })
        };
        let options = match &self.options {
            Some(ipc) => values(ipc)?,
            None => Vec::new(),
        };
        Ok(Call {
            key: self.key.clone(),
            function: self.function.clone(),
            ports: self.ports.iter().map(port).collect::<Result<_>>()?,
            options,
        })
    }

    pub(super) fn columns(&self) -> Result<SchemaRef> {
        self.columns.to_schema()
    }
}

fn options(options: &[(String, ScalarValue)]) -> Result<Option<Ipc>> {
    if options.is_empty() {
        return Ok(None);
    }
    let field = |(name, value): &(String, ScalarValue)| Field::new(name, value.data_type(), true);
    let fields: Fields = options.iter().map(field).collect();
    let arrays = options.iter().map(|(_, value)| value.to_array());
    let schema = Arc::new(Schema::new(fields));
    let row = RecordBatch::try_new(Arc::clone(&schema), arrays.collect::<Result<_>>()?)?;
    Ipc::stream(&schema, Some(&row)).map(Some)
}

fn values(ipc: &Ipc) -> Result<Vec<(String, ScalarValue)>> {
    let row = ipc.reader()?.next();
    let row = row.ok_or_else(|| invalid("options without a row"))??;
    let schema = row.schema();
    let columns = schema.fields().iter().zip(row.columns());
    columns
        .map(|(field, column)| {
            let value = ScalarValue::try_from_array(column, 0)?;
            Ok((field.name().clone(), value))
        })
        .collect()
}

#[derive(Serialize, Deserialize)]
struct CheckpointBytes {
    partition: String,
    version: u32,
    /// In Base64.
    state: String,
    summary: String,
    rows: f64,
}

fn checkpoint_bytes(one: &Checkpoint) -> CheckpointBytes {
    CheckpointBytes {
        partition: one.partition.clone(),
        version: one.version,
        state: STANDARD.encode(&one.state),
        summary: one.summary.clone(),
        rows: one.rows,
    }
}

fn checkpoint(one: CheckpointBytes) -> Result<Checkpoint> {
    Ok(Checkpoint {
        partition: one.partition,
        version: one.version,
        state: STANDARD.decode(one.state).map_err(invalid)?,
        summary: one.summary,
        rows: one.rows,
    })
}

/// [`SourceTable`].
#[derive(Serialize, Deserialize)]
pub(super) struct TableBytes {
    key: PluginKey,
    config: String,
    stream: String,
    since: Vec<CheckpointBytes>,
    columns: Ipc,
}

impl TableBytes {
    pub(super) fn new(table: &SourceTable) -> Result<Self> {
        Ok(Self {
            key: table.key.clone(),
            config: table.config.clone(),
            stream: table.stream.clone(),
            since: table.since.iter().map(checkpoint_bytes).collect(),
            columns: Ipc::schema(&table.schema)?,
        })
    }

    pub(super) fn table(self) -> Result<SourceTable> {
        let since = self.since.into_iter().map(checkpoint);
        Ok(SourceTable {
            key: self.key,
            config: self.config,
            stream: self.stream,
            since: since.collect::<Result<_>>()?,
            schema: self.columns.to_schema()?,
        })
    }
}

/// [`Scan`].
#[derive(Serialize, Deserialize)]
pub(super) struct ScanBytes {
    table: TableBytes,
    is_projected: bool,
    /// Column, operator, literals.
    filters: Vec<(String, String, Vec<String>)>,
    limit: Option<usize>,
}

impl ScanBytes {
    pub(super) fn new(scan: &Scan) -> Result<Self> {
        let filter = |one: &Predicate| (one.column.clone(), one.op.clone(), one.literals.clone());
        Ok(Self {
            table: TableBytes::new(&scan.table)?,
            is_projected: scan.is_projected,
            filters: scan.filters.iter().map(filter).collect(),
            limit: scan.limit,
        })
    }

    pub(super) fn scan(self) -> Result<Scan> {
        let filters = self.filters.into_iter();
        let filters = filters.map(|(column, op, literals)| Predicate {
            column,
            op,
            literals,
        });
        Ok(Scan {
            table: self.table.table()?,
            is_projected: self.is_projected,
            filters: filters.collect(),
            limit: self.limit,
        })
    }
}
