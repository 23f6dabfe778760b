//! The one place where values of personal columns are removed from what is printed or logged:
//! rows, errors that quote a value, and messages of plugins that read such rows.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;

use tsugi_pipeline::query::{Failure, Fault, QueryError};
use tsugi_pipeline::run::{Redact, RunError};
use tsugi_pipeline::store::WarehouseError;
use tsugi_sandbox::{Recovery, SandboxError};

/// Stands in the place of a hidden value.
const MASK: &str = "***";
/// Stands in the place of a message that may quote one.
const WITHHELD: &str = "(words withheld: they may quote personal columns)";

/// Hides personal values. The only implementation of [`Redact`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mask;

impl Redact for Mask {
    fn schema(&self, schema: &SchemaRef, personal: &[bool]) -> SchemaRef {
        let fields = schema.fields().iter().zip(personal);
        let fields = fields.map(|(field, personal)| match personal {
            true => Arc::new(Field::new(field.name(), DataType::Utf8, true)),
            false => Arc::clone(field),
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    fn rows(&self, batch: &RecordBatch, personal: &[bool]) -> Result<RecordBatch, RunError> {
        let schema = self.schema(&batch.schema(), personal);
        let columns = batch.columns().iter().zip(personal);
        let columns = columns.map(|(column, personal)| match personal {
            true => {
                let rows = 0..column.len();
                let shown = rows.map(|row| column.is_valid(row).then_some(MASK));
                Arc::new(shown.collect::<StringArray>()) as ArrayRef
            }
            false => Arc::clone(column),
        });
        RecordBatch::try_new(schema, columns.collect()).map_err(|e| RunError::Host(e.to_string()))
    }

    fn error(&self, error: RunError) -> RunError {
        match error {
            RunError::Query(error) => RunError::Query(query(error)),
            RunError::Sandbox(error) => RunError::Sandbox(plugin(error)),
            RunError::Step { table, source } => RunError::Step {
                table,
                source: query(source),
            },
            RunError::Warehouse(error) => RunError::Warehouse(warehouse(error)),
            other => other,
        }
    }

    fn message(&self, code: &str, _message: &str) -> String {
        format!("{code} {WITHHELD}")
    }

    fn withheld(&self) -> &'static str {
        WITHHELD
    }
}

/// An error of a query that read personal columns, without what it may quote of them.
fn query(error: QueryError) -> QueryError {
    match error {
        QueryError::Engine(failure) => QueryError::Engine(Box::new(hidden(*failure))),
        QueryError::Sandbox(error) => QueryError::Sandbox(plugin(error)),
        other => other,
    }
}

/// What remains of a failure of the engine: messages that were not read may quote a value.
fn hidden(failure: Failure) -> Failure {
    let had_value = failure.value.is_some();
    let mut failure = failure.without_values();
    failure.value = had_value.then(|| MASK.to_owned());
    // The words of these are ours and of the SQL, the value apart; functions quote what they fail at in all others.
    let is_of_sql = matches!(
        failure.fault,
        Fault::Cast | Fault::Constant | Fault::Division | Fault::Overflow | Fault::Rows
    );
    if !is_of_sql {
        failure.message = cut(&failure.message);
    }
    failure
}

/// An error of a plugin that read personal columns, without its message. One about a mapping or a
/// config keeps it: it names headings and keys, and would be useless without them.
fn plugin(error: SandboxError) -> SandboxError {
    match error {
        SandboxError::Failed {
            plugin,
            entry,
            mut error,
        } if error.recovery != Recovery::FixConfig => {
            error.message = format!("{} {WITHHELD}", error.code);
            error.detail = None;
            SandboxError::Failed {
                plugin,
                entry,
                error,
            }
        }
        SandboxError::Trapped {
            plugin,
            entry,
            message,
            log,
        } => SandboxError::Trapped {
            plugin,
            entry,
            message,
            log: match log.is_empty() {
                true => log,
                false => format!(" {WITHHELD}"),
            },
        },
        other => other,
    }
}

/// An error of staging a table with personal columns, without the value that it is about.
fn warehouse(error: WarehouseError) -> WarehouseError {
    let WarehouseError::Lake(error) = error else {
        return error;
    };
    WarehouseError::Lake(match error {
        ducklake::Error::Convert { table, column, .. } => ducklake::Error::Convert {
            table,
            column,
            source: ArrowError::CastError(WITHHELD.to_owned()),
        },
        ducklake::Error::Inexact {
            table,
            column,
            stored_as,
            ..
        } => ducklake::Error::Inexact {
            table,
            column,
            value: MASK.to_owned(),
            stored_as,
        },
        other => other,
    })
}

/// The words before the first that may be a value, after the name of a function: values are quoted in
/// quotes, in brackets, as numbers, behind a colon, or on lines of their own.
fn cut(message: &str) -> String {
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let function = message
        .strip_prefix('`')
        .and_then(|rest| rest.split_once("`: "));
    let (function, words) = match function.filter(|(name, _)| is_name(name)) {
        Some((name, words)) => (format!("`{name}`: "), words),
        None => (String::new(), message),
    };
    let is_value = |c: char| c.is_ascii_digit() || c.is_control() || "'\"`‘“([{<:".contains(c);
    match words.find(is_value) {
        Some(at) => {
            let before = words.get(..at).unwrap_or_default().trim_end();
            let gap = if before.is_empty() { "" } else { " " };
            format!("{function}{before}{gap}{MASK}")
        }
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_value_is_cut_off() {
        assert_eq!(
            cut("Cannot cast string 'Urschla O'Hara' to value of Int64 type"),
            "Cannot cast string ***"
        );
        assert_eq!(
            cut("Can't cast value 4123 to type Int8"),
            "Can ***",
            "a quote too many costs words, not a secret"
        );
        assert_eq!(
            cut("Regular expression did not compile:\nUrschla("),
            "Regular expression did not compile ***"
        );
        assert_eq!(cut("`json_keys`: 'Urschla' is no JSON"), "`json_keys`: ***");
        assert_eq!(cut("`Urschla O`: is no date"), "***");
        assert_eq!(
            cut("duplicate key found: Urschla"),
            "duplicate key found ***"
        );
        assert_eq!(cut("Divide by zero error"), "Divide by zero error");
    }

    #[test]
    fn values_are_masked_and_nulls_are_not() {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("Urschla"), None]));
        let ids: ArrayRef = Arc::new(StringArray::from(vec!["C-1", "C-2"]));
        let batch = RecordBatch::try_from_iter([("id", ids), ("name", names)]).unwrap();
        let shown = Mask.rows(&batch, &[false, true]).unwrap();
        let names = shown.column(1).as_ref();
        let names = names.as_any().downcast_ref::<StringArray>().unwrap();
        assert_eq!((names.value(0), names.is_null(1)), (MASK, true));
        assert_eq!(shown.column(0), batch.column(0));
    }
}
