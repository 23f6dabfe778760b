//! Rows encoded in each output format, batch by batch, so that a result of any size takes as much
//! memory as a batch.

mod cells;
mod csv;
mod json;
mod names;
mod parquet;
mod table;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::writer::StreamWriter;

use super::args::Format;
pub(crate) use cells::{cell, formatters};
use csv::CsvRows;
use json::JsonRows;
use parquet::ParquetRows;
use table::TableRows;
use tsugi_pipeline::query::QueryError;
use tsugi_pipeline::run::RunError;

/// Rows that are encoded at once: few enough that the text of a batch of wide rows stays small.
const ROWS_AT_ONCE: usize = 1_024;

/// How cells are written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CellStyle {
    /// Cells of CSV that a spreadsheet would take for formulas are not guarded.
    pub(crate) raw: bool,
    /// CSV begins with the mark by which spreadsheets know UTF-8.
    pub(crate) bom: bool,
    /// The text goes to a terminal, which must obey none of it.
    pub(crate) terminal: bool,
}

/// Encodes rows as they come.
pub(crate) struct Encoder {
    rows: Rows,
    /// The columns, where they are written under other names.
    named: Option<SchemaRef>,
}

enum Rows {
    Table(TableRows),
    Csv(CsvRows),
    Json(JsonRows),
    Arrow(Box<StreamWriter<Vec<u8>>>),
    Parquet(Box<ParquetRows>),
}

fn failed(error: arrow::error::ArrowError) -> RunError {
    RunError::Host(format!("rows cannot be printed: {error}"))
}

/// The ending of a file of this format.
pub(crate) fn ending(format: Format) -> &'static str {
    match format {
        Format::Table => "txt",
        Format::Csv => "csv",
        Format::Json => "jsonl",
        Format::Arrow => "arrow",
        Format::Parquet => "parquet",
    }
}

fn no_text(format: Format) -> RunError {
    let name = ending(format);
    RunError::Query(QueryError::Sql {
        message: format!("a file of the format {name} is no text for a terminal"),
        place: None,
        hint: Some(format!("write it to a file: --format {name} > rows.{name}")),
    })
}

impl Encoder {
    /// An encoder of rows of these columns.
    ///
    /// # Errors
    /// When the format cannot hold such columns.
    pub(crate) fn new(
        format: Format,
        schema: &SchemaRef,
        style: CellStyle,
    ) -> Result<Self, RunError> {
        let unique = names::unique(schema);
        let named = (format != Format::Table && unique != *schema).then_some(unique);
        let schema = named.as_ref().unwrap_or(schema);
        let rows = match format {
            Format::Table => Rows::Table(TableRows::new(schema)),
            Format::Csv => Rows::Csv(CsvRows::new(schema, style)),
            Format::Json => Rows::Json(JsonRows),
            Format::Arrow | Format::Parquet if style.terminal => {
                return Err(no_text(format));
            }
            Format::Parquet => Rows::Parquet(Box::new(ParquetRows::new(schema)?)),
            Format::Arrow => {
                let writer = StreamWriter::try_new(Vec::new(), schema).map_err(failed)?;
                Rows::Arrow(Box::new(writer))
            }
        };
        Ok(Self { rows, named })
    }

    /// Hands the bytes of these rows to `take`, in parts, for as long as it wants more. Whether it
    /// does after the last part.
    ///
    /// # Errors
    /// When a value cannot be written in this format.
    pub(crate) fn rows(
        &mut self,
        batch: &RecordBatch,
        take: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<bool, RunError> {
        let mut start = 0;
        while start < batch.num_rows() {
            let length = ROWS_AT_ONCE.min(batch.num_rows() - start);
            let mut part = batch.slice(start, length);
            if let Some(schema) = &self.named {
                part = names::named(&part, schema)?;
            }
            let mut out = Vec::new();
            match &mut self.rows {
                Rows::Table(rows) => rows.write(&part, &mut out).map_err(failed)?,
                Rows::Csv(rows) => rows.write(&part, &mut out)?,
                Rows::Json(rows) => rows.write(&part, &mut out).map_err(failed)?,
                Rows::Parquet(rows) => rows.write(&part, &mut out)?,
                Rows::Arrow(writer) => {
                    writer.write(&part).map_err(failed)?;
                    out = std::mem::take(writer.get_mut());
                }
            }
            if !out.is_empty() && !take(&out) {
                return Ok(false);
            }
            start += length;
        }
        Ok(true)
    }

    /// The bytes after the last row.
    ///
    /// # Errors
    /// As [`Encoder::rows`].
    pub(crate) fn end(self) -> Result<Vec<u8>, RunError> {
        let mut out = Vec::new();
        match self.rows {
            Rows::Table(rows) => rows.end(&mut out),
            Rows::Csv(rows) => rows.end(&mut out)?,
            Rows::Json(_) => {}
            Rows::Parquet(rows) => rows.end(&mut out)?,
            Rows::Arrow(mut writer) => {
                writer.finish().map_err(failed)?;
                out = std::mem::take(writer.get_mut());
            }
        }
        Ok(out)
    }
}

/// All rows of one batch as one file.
///
/// # Errors
/// As [`Encoder::new`] and [`Encoder::rows`].
pub(crate) fn encode(
    format: Format,
    schema: &SchemaRef,
    rows: &RecordBatch,
    style: CellStyle,
) -> Result<Vec<u8>, RunError> {
    let mut encoder = Encoder::new(format, schema, style)?;
    let mut out = Vec::new();
    encoder.rows(rows, &mut |part| {
        out.extend_from_slice(part);
        true
    })?;
    out.extend(encoder.end()?);
    Ok(out)
}
