//! Rows that could not be read, kept with their place and reason in tables of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};

use super::error::RunError;
use crate::name::{RunId, SourceName, TableName};
use crate::sandbox::Reject;
use crate::warehouse::Snapshot;

/// The schema of every quarantine table; there is one a source.
const SCHEMA: &str = "quarantine";

/// What the sources that were read in this run could not read.
#[derive(Debug, Default)]
pub struct Quarantine {
    rejects: BTreeMap<SourceName, Vec<(String, Reject)>>,
}

impl Quarantine {
    /// Adds the rejects of one stream; a stream without any still counts its source as read.
    pub fn add(&mut self, source: &SourceName, stream: &str, rejects: Vec<Reject>) {
        let kept = self.rejects.entry(source.clone()).or_default();
        kept.extend(
            rejects
                .into_iter()
                .map(|reject| (stream.to_owned(), reject)),
        );
    }

    /// How many rows by source.
    pub fn counts(&self) -> BTreeMap<SourceName, u64> {
        self.rejects
            .iter()
            .map(|(source, rows)| (source.clone(), rows.len() as u64))
            .collect()
    }

    /// One table a source that was read: `quarantine.<source>`. A source without rejects has one
    /// only where an earlier run left one to be emptied.
    pub fn tables(
        self,
        run: &RunId,
        snapshot: &Snapshot,
    ) -> Result<Vec<(TableName, RecordBatch)>, RunError> {
        let mut tables = Vec::new();
        for (source, rows) in self.rejects {
            let name = format!("{SCHEMA}.{source}");
            let table: TableName = name
                .parse()
                .map_err(|error: crate::name::NameError| RunError::Host(error.to_string()))?;
            if rows.is_empty() && !snapshot.tables.contains_key(&table) {
                continue;
            }
            tables.push((table, batch(run, &rows)?));
        }
        Ok(tables)
    }
}

fn batch(run: &RunId, rows: &[(String, Reject)]) -> Result<RecordBatch, RunError> {
    let text = |get: &dyn Fn(&(String, Reject)) -> Option<String>| -> ArrayRef {
        Arc::new(rows.iter().map(get).collect::<StringArray>())
    };
    let lines = rows
        .iter()
        .map(|(_, r)| (r.line > 0).then_some(i64::from(r.line)));
    let columns: Vec<(&str, DataType, ArrayRef)> = vec![
        (
            "stream",
            DataType::Utf8,
            text(&|(stream, _)| Some(stream.clone())),
        ),
        ("file", DataType::Utf8, text(&|(_, r)| Some(r.file.clone()))),
        (
            "line",
            DataType::Int64,
            Arc::new(lines.collect::<Int64Array>()),
        ),
        ("column", DataType::Utf8, text(&|(_, r)| r.column.clone())),
        ("code", DataType::Utf8, text(&|(_, r)| Some(r.code.clone()))),
        (
            "reason",
            DataType::Utf8,
            text(&|(_, r)| Some(r.reason.clone())),
        ),
        ("raw", DataType::Utf8, text(&|(_, r)| Some(r.raw.clone()))),
        ("run", DataType::Utf8, text(&|_| Some(run.to_string()))),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, kind, _)| Field::new(*name, kind.clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|error| RunError::Host(error.to_string()))
}
