//! Rows encoded in each output format.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::args::Format;
use tsugi_pipeline::run::RunError;

/// Encodes rows.
pub(crate) fn encode(
    format: Format,
    schema: &SchemaRef,
    rows: &[RecordBatch],
) -> Result<Vec<u8>, RunError> {
    let failed = |error: arrow::error::ArrowError| RunError::Host(error.to_string());
    let empty = [RecordBatch::new_empty(Arc::clone(schema))];
    let mut out = Vec::new();
    match format {
        Format::Table => {
            let rows = if rows.is_empty() { &empty[..] } else { rows };
            let table = arrow::util::pretty::pretty_format_batches(rows).map_err(failed)?;
            out.extend_from_slice(format!("{table}\n").as_bytes());
        }
        Format::Csv => {
            let mut writer = arrow::csv::WriterBuilder::new()
                .with_header(true)
                .build(&mut out);
            // A result without rows still has its header.
            for batch in empty.iter().chain(rows) {
                writer.write(batch).map_err(failed)?;
            }
        }
        Format::Json => {
            let mut writer = arrow::json::WriterBuilder::new()
                .with_explicit_nulls(true)
                .build::<_, arrow::json::writer::LineDelimited>(&mut out);
            for batch in rows {
                writer.write(batch).map_err(failed)?;
            }
            writer.finish().map_err(failed)?;
        }
        Format::Arrow => {
            let mut writer =
                arrow::ipc::writer::StreamWriter::try_new(&mut out, schema).map_err(failed)?;
            for batch in rows {
                writer.write(batch).map_err(failed)?;
            }
            writer.finish().map_err(failed)?;
        }
    }
    Ok(out)
}
