//! Rows of the host itself, column by column.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};

use super::error::RunError;

pub(super) fn texts(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

pub(super) fn batch<const N: usize>(
    columns: [(&str, ArrayRef); N],
) -> Result<RecordBatch, RunError> {
    let columns = columns.map(|(name, values)| (name, values, true));
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}
