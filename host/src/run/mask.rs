//! The one place where values of personal columns are taken out of what is printed or logged:
//! rows, errors that quote a value, and the words of plugins that had such rows before them.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::logical_expr::LogicalPlan;

use super::error::RunError;
use crate::name::TableName;
use crate::plan::Plan;
use crate::query::{QueryError, Session};
use crate::sandbox::{Recovery, SandboxError};
use crate::warehouse::WarehouseError;

/// What stands for a value that is not shown.
const MASK: &str = "***";
/// What stands for words that may hold one.
pub(super) const WITHHELD: &str = "(words withheld: they may quote personal columns)";

/// The fields of a result, those of personal columns as text.
pub(super) fn masked_schema(schema: &SchemaRef, personal: &[bool]) -> SchemaRef {
    let fields = schema.fields().iter().zip(personal);
    let fields = fields.map(|(field, personal)| match personal {
        true => Arc::new(Field::new(field.name(), DataType::Utf8, true)),
        false => Arc::clone(field),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Rows of which the values of personal columns are masked; what is null stays null.
pub(super) fn masked(batch: &RecordBatch, personal: &[bool]) -> Result<RecordBatch, RunError> {
    let schema = masked_schema(&batch.schema(), personal);
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

/// An error of a query that read personal columns, without what it may quote of them.
pub(super) fn query(error: QueryError) -> QueryError {
    match error {
        QueryError::Engine(message) => QueryError::Engine(cut(&message)),
        QueryError::Sandbox(error) => QueryError::Sandbox(plugin(error)),
        other => other,
    }
}

/// An error of a plugin that had personal columns before it, without its own words, unless they are about what is
/// written in a mapping or a config: then they are about headings and keys, and useless without them.
pub(super) fn plugin(error: SandboxError) -> SandboxError {
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

/// An error of a planned query, masked if that reads personal columns.
pub(super) fn asked(error: RunError, session: &Session, plan: &LogicalPlan) -> RunError {
    match error {
        RunError::Query(error) if session.touches_personal(plan) => RunError::Query(query(error)),
        other => other,
    }
}

/// The words of a plugin, or only their code where they may quote personal columns.
pub(super) fn words(code: &str, message: &str, personal: bool) -> String {
    match personal {
        true => format!("{code} {WITHHELD}"),
        false => message.to_owned(),
    }
}

/// What stopped a run, without what it may quote of personal columns.
pub(super) fn run(error: RunError, plan: &Plan) -> RunError {
    match error {
        RunError::Step { table, source } if plan.sees_personal(&table) => {
            let source = query(source);
            RunError::Step { table, source }
        }
        RunError::Warehouse(WarehouseError::Lake(error)) => lake(error, plan).into(),
        other => other,
    }
}

/// An error of staging a table, without the value it may quote of a personal column.
fn lake(error: ducklake::Error, plan: &Plan) -> ducklake::Error {
    let personal = |table: &ducklake::TableName| {
        let name = TableName::try_new(&table.schema, &table.name);
        name.map_or(true, |name| plan.sees_personal(&name))
    };
    match error {
        ducklake::Error::Convert { table, column, .. } if personal(&table) => {
            let source = ArrowError::CastError(WITHHELD.to_owned());
            ducklake::Error::Convert {
                table,
                column,
                source,
            }
        }
        ducklake::Error::Inexact {
            table,
            column,
            stored_as,
            ..
        } if personal(&table) => ducklake::Error::Inexact {
            table,
            column,
            value: MASK.to_owned(),
            stored_as,
        },
        other => other,
    }
}

/// The words before the first that may be a value: what engines say of values comes in quotes,
/// in brackets, as a number, or on lines of its own.
fn cut(message: &str) -> String {
    let is_value = |c: char| c.is_ascii_digit() || c.is_control() || "'\"`‘“([{<".contains(c);
    match message.find(is_value) {
        Some(at) => {
            let before = message.get(..at).unwrap_or_default();
            format!("{} {MASK}", before.trim_end())
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
            cut("Cast error: Cannot cast string 'Urschla O'Hara' to value of Int64 type"),
            "Cast error: Cannot cast string ***"
        );
        assert_eq!(
            cut("Can't cast value 4123 to type Int8"),
            "Can ***",
            "a quote too many costs words, not a secret"
        );
        assert_eq!(
            cut("Regular expression did not compile:\nUrschla("),
            "Regular expression did not compile: ***"
        );
        assert_eq!(cut("Divide by zero error"), "Divide by zero error");
    }

    #[test]
    fn values_are_masked_and_nulls_are_not() {
        let names: ArrayRef = Arc::new(StringArray::from(vec![Some("Urschla"), None]));
        let ids: ArrayRef = Arc::new(StringArray::from(vec!["C-1", "C-2"]));
        let batch = RecordBatch::try_from_iter([("id", ids), ("name", names)]).unwrap();
        let shown = masked(&batch, &[false, true]).unwrap();
        let names = shown.column(1).as_ref();
        let names = names.as_any().downcast_ref::<StringArray>().unwrap();
        assert_eq!((names.value(0), names.is_null(1)), (MASK, true));
        assert_eq!(shown.column(0), batch.column(0));
    }
}
