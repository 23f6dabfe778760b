//! Seeds: small CSV files of the project as typed rows.

use std::sync::Arc;

use datafusion::arrow;
use datafusion::arrow::array::{RecordBatch, RecordBatchOptions};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::error::RunError;
use crate::project::seed::{SEED_MAX_BYTES, Seed};
use crate::project::value::ColumnType;
use tsugi_core::file::read_bounded;

/// The columns of a seed.
pub(super) fn seed_schema(columns: &[(String, ColumnType)]) -> SchemaRef {
    let field = |(name, kind): &(String, ColumnType)| {
        let data_type = match kind {
            ColumnType::Text => DataType::Utf8,
            ColumnType::Integer => DataType::Int64,
            ColumnType::Float => DataType::Float64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Date => DataType::Date32,
        };
        Field::new(name, data_type, true)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// The rows of a seed, typed as the project says.
pub(super) fn seed_rows(seed: &Seed) -> Result<RecordBatch, RunError> {
    let refused = |reason: String| RunError::File {
        path: seed.file.clone().into(),
        reason,
    };
    let bytes = read_bounded(&seed.path, &seed.file, SEED_MAX_BYTES)
        .map_err(|error| refused(error.to_string()))?;
    let schema = seed_schema(&seed.columns);
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let reader = arrow::csv::ReaderBuilder::new(Arc::clone(&schema))
        .with_header(true)
        .build(text)
        .map_err(|error| refused(error.to_string()))?;
    let batches = reader
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| refused(error.to_string()))?;
    let options = RecordBatchOptions::new().with_row_count(Some(0));
    let empty = || RecordBatch::try_new_with_options(Arc::clone(&schema), Vec::new(), &options);
    match batches.is_empty() && schema.fields().is_empty() {
        true => empty().map_err(|error| refused(error.to_string())),
        false => arrow::compute::concat_batches(&schema, &batches)
            .map_err(|error| refused(error.to_string())),
    }
}
