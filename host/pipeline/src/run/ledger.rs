//! What Tsugi itself sent, and what people decided, as tables of the schema `tsugi` that models read: the state
//! of the ledger when the project is opened.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};

use super::error::RunError;
use super::guards::Guards;
use crate::project::Project;
use crate::project::component::Digest;
use crate::store::{LedgerColumn, LedgerRows, LedgerTable, SENT, ledger_rows};
use tsugi_core::name::TableName;

/// The schema of these tables.
const SCHEMA: &str = "tsugi";

/// One of them, with the digest of its rows.
#[derive(Debug)]
pub(super) struct OwnTable {
    pub(super) rows: RecordBatch,
    pub(super) digest: Digest,
}

/// Every table over the ledger of a project.
pub(super) async fn own_tables(
    project: &Project,
    guards: &Guards,
) -> Result<BTreeMap<TableName, OwnTable>, RunError> {
    let tables: Vec<LedgerTable> = SENT.iter().chain(guards.ledger_tables).copied().collect();
    let found = ledger_rows(&project.warehouse, &tables).await?;
    let mut own = BTreeMap::new();
    for (table, rows) in tables.iter().zip(found) {
        let name = format!("{SCHEMA}.{}", table.name);
        let name = name
            .parse()
            .map_err(|error: tsugi_core::name::NameError| RunError::Host(error.to_string()))?;
        let digest = digest(&rows);
        let rows = typed(table, &rows)?;
        own.insert(name, OwnTable { rows, digest });
    }
    Ok(own)
}

/// Of every cell with its length, so that no two tables have the same text.
fn digest(rows: &LedgerRows) -> Digest {
    let mut bytes = Vec::new();
    for cell in rows.iter().flatten() {
        let text = cell.as_deref().unwrap_or_default();
        bytes.push(u8::from(cell.is_some()));
        bytes.extend((text.len() as u64).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    Digest::of(&bytes)
}

fn typed(table: &LedgerTable, rows: &LedgerRows) -> Result<RecordBatch, RunError> {
    let kind = |column: LedgerColumn| match column {
        LedgerColumn::Text => DataType::Utf8,
        LedgerColumn::Integer => DataType::Int64,
        LedgerColumn::Moment => DataType::Timestamp(TimeUnit::Microsecond, None),
    };
    let columns = table.columns.iter().enumerate();
    let columns = columns.map(|(at, (_, column))| {
        let cells = rows.iter().map(|row| row.get(at).cloned().flatten());
        let texts: ArrayRef = Arc::new(cells.collect::<StringArray>());
        cast(&texts, &kind(*column))
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    let fields = table.columns.iter();
    let fields = fields.map(|(name, column)| Field::new(*name, kind(*column), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    Ok(RecordBatch::try_new(schema, columns)?)
}
