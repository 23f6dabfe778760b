//! A hash of all that a receiver gets of a row, computed by the host: no column can assert it.

use datafusion::arrow::array::{Array as _, RecordBatch};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use sha2::{Digest as _, Sha256};

use crate::run::error::RunError;
use tsugi_core::digest::hex;

/// SHA-256 over the names and values of all columns but some, for each row, whatever their order.
///
/// # Errors
/// When a value has no text.
pub fn content_hashes(batch: &RecordBatch, without: &[&str]) -> Result<Vec<String>, RunError> {
    let options = FormatOptions::new().with_display_error(false);
    let schema = batch.schema();
    let mut columns = Vec::with_capacity(batch.num_columns());
    for (field, array) in schema.fields().iter().zip(batch.columns()) {
        if !without.contains(&field.name().as_str()) {
            let formatter = ArrayFormatter::try_new(array.as_ref(), &options)?;
            columns.push((field.name(), array, formatter));
        }
    }
    columns.sort_by_key(|(name, _, _)| *name);
    let hash = |row: usize| -> Result<String, RunError> {
        let mut hasher = Sha256::new();
        for (name, array, formatter) in &columns {
            part(&mut hasher, name);
            match array.is_valid(row) {
                true => {
                    let value = formatter.value(row).try_to_string()?;
                    part(&mut hasher, &value);
                }
                // No length is this long, so that null is no text.
                false => hasher.update(u64::MAX.to_le_bytes()),
            }
        }
        Ok(hex(&hasher.finalize()))
    };
    (0..batch.num_rows()).map(hash).collect()
}

fn part(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text);
}
