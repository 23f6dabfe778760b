//! Quarantine: rows that could not be read, in tables of their own with their place and reason. Rows
//! of streams that a run does not read again are retained from earlier runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Int64Type, Schema};

use super::error::RunError;
use crate::store::Snapshot;
use tsugi_core::name::{RunId, SourceName, TableName};
use tsugi_sandbox::Reject;

/// The schema of every quarantine table; there is one a source.
const SCHEMA: &str = "quarantine";

/// One row that could not be read.
#[derive(Debug)]
struct QuarantinedRow {
    stream: String,
    reject: Reject,
    /// The run that found it; none for this one.
    run: Option<String>,
}

/// The rows of one stream that are retained from earlier runs.
#[derive(Debug)]
pub(super) enum Retained {
    /// All: the stream was not read.
    All,
    /// Those of these files, which were read on; none after a whole read.
    Files(BTreeSet<String>),
}

/// What the sources could not read.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    /// Of the sources that were read in this run.
    rows: BTreeMap<SourceName, Vec<QuarantinedRow>>,
    retained: BTreeMap<(SourceName, String), Retained>,
}

impl Quarantine {
    /// Adds the rejects of one stream and says which rows of earlier runs are retained. A stream
    /// that was read counts its source as read, with or without rejects.
    pub(super) fn add(
        &mut self,
        (source, stream): (SourceName, String),
        rejects: Vec<Reject>,
        retained: Retained,
    ) {
        if let Retained::Files(_) = retained {
            let rows = rejects.into_iter().map(|reject| QuarantinedRow {
                stream: stream.clone(),
                reject,
                run: None,
            });
            self.rows.entry(source.clone()).or_default().extend(rows);
        }
        self.retained.insert((source, stream), retained);
    }

    /// The published tables whose rows may be retained, of sources that were read.
    pub(super) fn to_be_carried(&self, snapshot: &Snapshot) -> Result<Vec<TableName>, RunError> {
        let retains = |source: &SourceName| {
            self.retained.iter().any(|((of, _), retained)| {
                let some = match retained {
                    Retained::All => true,
                    Retained::Files(files) => !files.is_empty(),
                };
                of == source && some
            })
        };
        let mut tables = Vec::new();
        for source in self.rows.keys().filter(|source| retains(source)) {
            let table = table_of(source)?;
            if snapshot.tables.contains_key(&table) {
                tables.push(table);
            }
        }
        Ok(tables)
    }

    /// Takes over the retained rows of a published table.
    pub(super) fn carry(&mut self, table: &TableName, batches: &[RecordBatch]) {
        let Some((source, rows)) = self
            .rows
            .iter_mut()
            .find(|(source, _)| source.as_str() == table.name.as_str())
        else {
            return;
        };
        let old = batches.iter().flat_map(rows_of);
        let is_retained = |row: &QuarantinedRow| {
            let stream = (source.clone(), row.stream.clone());
            match self.retained.get(&stream) {
                Some(Retained::All) => true,
                Some(Retained::Files(files)) => files.contains(&row.reject.file),
                None => false,
            }
        };
        let mut all: Vec<QuarantinedRow> = old.filter(is_retained).collect();
        all.append(rows);
        *rows = all;
    }

    /// How many rows by source.
    pub(super) fn counts(&self) -> BTreeMap<SourceName, u64> {
        self.rows
            .iter()
            .map(|(source, rows)| (source.clone(), rows.len() as u64))
            .collect()
    }

    /// One table a source that was read: `quarantine.<source>`. A source without rejects has one
    /// only where an earlier run left one to be emptied.
    pub(super) fn tables(
        self,
        run: &RunId,
        snapshot: &Snapshot,
    ) -> Result<Vec<(TableName, RecordBatch)>, RunError> {
        let mut tables = Vec::new();
        for (source, rows) in self.rows {
            let table = table_of(&source)?;
            if rows.is_empty() && !snapshot.tables.contains_key(&table) {
                continue;
            }
            tables.push((table, batch(run, &rows)?));
        }
        Ok(tables)
    }
}

/// Whether a table holds rows that could not be read.
pub fn is_of(table: &TableName) -> bool {
    table.schema.as_str() == SCHEMA
}

fn table_of(source: &SourceName) -> Result<TableName, RunError> {
    format!("{SCHEMA}.{source}")
        .parse()
        .map_err(|error: tsugi_core::name::NameError| RunError::Host(error.to_string()))
}

/// The rows of a batch that [`batch`] made; a table of other columns gives none.
fn rows_of(batch: &RecordBatch) -> Vec<QuarantinedRow> {
    let text = |name: &str, row: usize| -> Option<String> {
        let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let line = |row: usize| -> Option<i64> {
        let column = batch.column_by_name("line")?;
        let column = column.as_primitive_opt::<Int64Type>()?;
        column.is_valid(row).then(|| column.value(row))
    };
    let row = |row: usize| {
        let stream = text("stream", row)?;
        let reject = Reject {
            stream: stream.clone(),
            file: text("file", row)?,
            line: line(row).and_then(|line| line.try_into().ok()).unwrap_or(0),
            column: text("column", row),
            code: text("code", row)?,
            reason: text("reason", row)?,
            raw: text("raw", row)?,
        };
        let run = text("run", row);
        Some(QuarantinedRow {
            stream,
            reject,
            run,
        })
    };
    (0..batch.num_rows()).filter_map(row).collect()
}

fn batch(run: &RunId, rows: &[QuarantinedRow]) -> Result<RecordBatch, RunError> {
    let text = |get: &dyn Fn(&QuarantinedRow) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(get).collect::<StringArray>())
    };
    let reject = |get: &dyn Fn(&Reject) -> &String| text(&|row| Some(get(&row.reject).clone()));
    let lines = rows
        .iter()
        .map(|row| (row.reject.line > 0).then_some(i64::from(row.reject.line)));
    let lines: ArrayRef = Arc::new(lines.collect::<Int64Array>());
    let this = run.to_string();
    let found_by = |row: &QuarantinedRow| Some(row.run.clone().unwrap_or_else(|| this.clone()));
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        (
            "stream",
            DataType::Utf8,
            text(&|row| Some(row.stream.clone())),
        ),
        ("file", DataType::Utf8, reject(&|r| &r.file)),
        ("line", DataType::Int64, lines),
        (
            "column",
            DataType::Utf8,
            text(&|row| row.reject.column.clone()),
        ),
        ("code", DataType::Utf8, reject(&|r| &r.code)),
        ("reason", DataType::Utf8, reject(&|r| &r.reason)),
        ("raw", DataType::Utf8, reject(&|r| &r.raw)),
        ("run", DataType::Utf8, text(&found_by)),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, kind, _)| Field::new(*name, kind.clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| RunError::Host(error.to_string()))
}
