//! What a pipeline leaves to the crate above it: which rows about people may land, what of them
//! may be shown, and what a table of messages must look like.

use std::fmt;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, SchemaRef};

use serde::Serialize;

use super::error::RunError;
use crate::store::LedgerTable;
use tsugi_core::name::TableName;

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

/// Rows of one table that may not land.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Older than they may be stored.
    pub old: u64,
    /// About forgotten persons.
    pub forgotten: u64,
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

/// A column that a table must have.
#[derive(Clone, Copy, Debug)]
pub struct RequiredColumn {
    /// The name of the column.
    pub name: &'static str,
    pub kind: ColumnKind,
    /// What its values mean, for a person whose table lacks it.
    pub doc: &'static str,
}

/// What a required column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// What identifies a row: text, a whole number, a decimal, a boolean, a date or a timestamp.
    Id,
    /// What rows can be sorted by: everything but lists, maps and structs.
    Sortable,
    Text,
    Boolean,
    /// Any number.
    Number,
    /// A date or a timestamp.
    Moment,
}

impl ColumnKind {
    /// Whether a column of this type can be read. A column that is always null can, except as an id.
    pub fn accepts(self, data_type: &DataType) -> bool {
        if let DataType::Dictionary(_, values) = data_type {
            return self.accepts(values);
        }
        let is_text = matches!(
            data_type,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View
        );
        let is_moment = data_type.is_temporal()
            && matches!(
                data_type,
                DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)
            );
        let is_boolean = *data_type == DataType::Boolean;
        let is_null = *data_type == DataType::Null;
        match self {
            Self::Id => {
                let is_exact = data_type.is_numeric() && !data_type.is_floating();
                is_text || is_exact || is_boolean || is_moment
            }
            Self::Sortable => !data_type.is_nested(),
            Self::Text => is_text || is_null,
            Self::Boolean => is_boolean || is_null,
            Self::Number => data_type.is_numeric() || is_null,
            Self::Moment => is_moment || is_null,
        }
    }

    /// As it is printed.
    pub fn words(self) -> &'static str {
        match self {
            Self::Id => "text, an exact number, a boolean, a date or a timestamp",
            Self::Sortable => "a value that can be sorted by",
            Self::Text => "text",
            Self::Boolean => "true or false",
            Self::Number => "a number",
            Self::Moment => "a date or a timestamp",
        }
    }

    /// The SQL type to cast to.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Id | Self::Sortable | Self::Text => "VARCHAR",
            Self::Boolean => "BOOLEAN",
            Self::Number => "DOUBLE",
            Self::Moment => "TIMESTAMP",
        }
    }
}

/// What a pipeline must know of people before anything moves. [`super::open`] takes it, so that no
/// caller can open a project without.
#[derive(Clone, Copy, Debug)]
pub struct Guards {
    /// Hides personal values.
    pub redact: &'static dyn Redact,
    /// The columns of a table that is delivered as messages.
    pub message_columns: &'static [RequiredColumn],
    /// The columns of a table that counts complaints.
    pub complaint_columns: &'static [RequiredColumn],
    /// The columns of tables that `[tables]` names, by key.
    pub named_tables: &'static [(&'static str, &'static [RequiredColumn])],
    /// What it keeps in the ledger, as tables of the schema `tsugi`.
    pub ledger_tables: &'static [LedgerTable],
}
