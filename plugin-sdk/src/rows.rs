//! Batches written row by row from `#[derive(Record)]` structs.
use std::sync::Arc;

use crate::array::{Array, Data};
use crate::batch::Batch;
use crate::bindings::imports::tsugi::plugin::types::Batch as WireBatch;
use crate::builders::Builder;
use crate::schema::{DataType, Field, Schema};
use crate::typed::{Typed, Write};

/// Rows a batch of [`Rows`] holds at most: small enough to cross at once.
const ROWS_PER_BATCH: usize = 8192;

/// The schema of a `#[derive(Record)]` struct.
pub fn schema_of<R: Typed>() -> Schema {
    match R::data_type() {
        DataType::Struct(fields) => fields.into_iter().collect(),
        other => [Field::new("value", other)].into_iter().collect(),
    }
}

/// Collects `#[derive(Record)]` structs into batches of at most 8,192 rows.
///
/// ```
/// # use tsugi_plugin::{Record, Rows};
/// #[derive(Record)]
/// struct Suspect { lot: String, rate: Option<f64> }
///
/// let mut rows = Rows::new();
/// rows.push(Suspect { lot: "L-7".into(), rate: Some(0.25) });
/// assert_eq!(rows.into_batches()[0].utf8("lot").unwrap().get(0), Some("L-7"));
/// ```
pub struct Rows<R: Write> {
    schema: Arc<Schema>,
    full: Vec<Batch>,
    open: R::Builder,
    count: usize,
}

impl<R: Write> Rows<R> {
    pub fn new() -> Self {
        let open = R::Builder::with_capacity(0);
        Self {
            schema: Arc::new(schema_of::<R>()),
            full: Vec::new(),
            open,
            count: 0,
        }
    }

    pub fn push(&mut self, row: R) {
        row.write(&mut self.open);
        self.count += 1;
        if self.count == ROWS_PER_BATCH {
            self.close();
        }
    }

    fn close(&mut self) {
        let done = std::mem::replace(&mut self.open, R::Builder::with_capacity(0));
        self.full.push(record_batch(&self.schema, done.finish()));
        self.count = 0;
    }

    /// All rows. There is always a batch, be it without rows.
    pub fn into_batches(mut self) -> Vec<Batch> {
        if self.count > 0 || self.full.is_empty() {
            self.close();
        }
        self.full
    }
}

impl<R: Write> Default for Rows<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Write> Extend<R> for Rows<R> {
    fn extend<I: IntoIterator<Item = R>>(&mut self, rows: I) {
        rows.into_iter().for_each(|row| self.push(row));
    }
}

/// The columns of a struct column, or the one column of any other, as a batch.
pub(crate) fn record_batch(schema: &Arc<Schema>, array: Array) -> Batch {
    let columns = match array.data {
        Data::Struct(children) => children,
        data => vec![Array { data, ..array }],
    };
    Batch::of_arrays(schema.clone(), columns).unwrap_or_else(|_| unreachable!("rows are whole"))
}

/// One column as it crosses.
pub(crate) fn record_column(array: Array) -> WireBatch {
    let (rows, mut nodes, mut buffers) = (array.len(), Vec::new(), Vec::new());
    array.give(&mut nodes, &mut buffers);
    WireBatch {
        rows: u32::try_from(rows).unwrap_or(u32::MAX),
        nodes,
        buffers,
    }
}
