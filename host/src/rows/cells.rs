//! Cells as text, for the formats that people and spreadsheets read.

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// A formatter for each column; a null is empty.
pub(crate) fn formatters(batch: &RecordBatch) -> Result<Vec<ArrayFormatter<'_>>, ArrowError> {
    let options = FormatOptions::default().with_null("");
    let columns = batch.columns().iter();
    let formatters = columns.map(|column| ArrayFormatter::try_new(column, &options));
    formatters.collect()
}

/// The text of a cell.
pub(crate) fn cell(formatter: &ArrayFormatter<'_>, row: usize) -> Result<String, ArrowError> {
    formatter.value(row).try_to_string()
}

/// Whether the values of a type are text that somebody wrote, or may hold such text.
pub(super) fn is_text(data_type: &DataType) -> bool {
    let is_number_or_time = data_type.is_numeric()
        || data_type.is_temporal()
        || matches!(data_type, DataType::Boolean | DataType::Null);
    !is_number_or_time
}
