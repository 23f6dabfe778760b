//! What a pipeline leaves to the crate above it: which rows about people may land, what of them
//! may be shown, and what a table of messages must look like.

use std::fmt;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use super::error::RunError;
use super::report::LeftOut;
use crate::name::TableName;

/// Hides values of personal columns in everything that a run prints, reports or fails with.
pub trait Redact: fmt::Debug + Send + Sync {
    /// The fields of rows of which the `personal` columns are hidden: those become text.
    fn schema(&self, schema: &SchemaRef, personal: &[bool]) -> SchemaRef;

    /// Rows of which the values of the `personal` columns are hidden; null stays null.
    ///
    /// # Errors
    /// None that rows of a query could cause.
    fn rows(&self, batch: &RecordBatch, personal: &[bool]) -> Result<RecordBatch, RunError>;

    /// The error of code that read personal columns, without what it may quote of them.
    fn error(&self, error: RunError) -> RunError;

    /// What remains of the message of a plugin that read personal columns.
    fn message(&self, code: &str, message: &str) -> String;

    /// Stands in the place of a message that may quote personal columns.
    fn withheld(&self) -> &'static str;
}

/// Decides which rows may land in the tables of a run.
pub trait RowRules: Send + Sync {
    /// The filter of one table; none when every row may land.
    fn filter(&self, table: &TableName) -> Option<Box<dyn RowFilter>>;

    /// Whether the text of a row that could not be read may be stored in quarantine.
    fn admits_raw(&self, raw: &str) -> bool;
}

/// Filters the rows of one table, batch by batch.
pub trait RowFilter: Send {
    /// The rows of a batch that may land.
    ///
    /// # Errors
    /// When a column that the filter reads has a type that it cannot read.
    fn rows(&mut self, batch: RecordBatch) -> Result<RecordBatch, RunError>;

    /// How many rows of all batches so far may not land.
    fn left_out(&self) -> LeftOut;
}

/// What a pipeline must know of people before anything moves. [`super::open`] takes it, so that no
/// caller can open a project without.
#[derive(Clone, Copy, Debug)]
pub struct Guards {
    /// Hides personal values.
    pub redact: &'static dyn Redact,
}
