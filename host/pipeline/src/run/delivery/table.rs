//! The published table of a delivery, and what the ledger must know of each of its rows.

use std::sync::Arc;

use datafusion::arrow::array::{RecordBatch, UInt32Array};
use datafusion::arrow::compute::take_record_batch;
use datafusion::arrow::datatypes::Fields;

use crate::run::error::RunError;
use crate::store::LedgerKey;
use tsugi_sandbox::plain;

/// One row that may be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its position in [`DeliveryTable::batch`].
    pub row: u32,
    /// What makes it the same row as one that was delivered before.
    pub key: LedgerKey,
    /// A hash of all that the receiver would see.
    pub content_hash: String,
}

/// The rows of a delivery.
#[derive(Clone, Debug)]
pub struct DeliveryTable {
    /// Every column of the published table.
    pub batch: RecordBatch,
    /// The columns that identify a row, for the sink.
    pub key: Vec<String>,
    /// The rows that have a key.
    pub rows: Vec<DeliveryRow>,
}

impl DeliveryTable {
    /// Some rows with all their columns, in this order.
    pub(super) fn pick(&self, some: &[&DeliveryRow]) -> Result<RecordBatch, RunError> {
        let rows = UInt32Array::from_iter_values(some.iter().map(|row| row.row));
        take_record_batch(&self.batch, &rows).map_err(|e| RunError::Host(e.to_string()))
    }

    /// The columns with the types that cross to a plugin.
    pub(super) fn sink_fields(&self) -> Fields {
        let schema = self.batch.schema();
        let fields = schema
            .fields()
            .iter()
            .map(|field| match plain(field.data_type()) {
                Some(kind) => Arc::new(field.as_ref().clone().with_data_type(kind)),
                None => Arc::clone(field),
            });
        fields.collect::<Vec<_>>().into()
    }
}
