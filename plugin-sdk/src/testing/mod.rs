//! A mock host for native tests: it calls a plugin as the host does, through the same code
//! that runs in wasm, and checks what comes back as the host would.
#![allow(
    clippy::indexing_slicing,
    reason = "it runs in native tests alone, which fail by panicking"
)]

mod aggregates;
mod files;
mod measured;
mod scalars;
mod streams;
mod tables;

pub use aggregates::{aggregate, aggregate_checked};
pub use files::MockHost;
pub use measured::measured;
pub use scalars::{Answers, ScalarCall, scalar};
pub use streams::{
    Delivered, ReadAll, StreamCase, discover, read_request, read_source, reads_as, write_sink,
};
pub use tables::{TableRun, table};

use crate::batch::Batch;
use crate::builders::Builder;
use crate::column_builder::ColumnBuilder;
use crate::error::Error;
use crate::value::Value;

/// Takes the lines that plugins logged in this thread: `warn: message name=value`.
pub fn log_lines() -> Vec<String> {
    crate::log::native::drain()
}

/// All batches of one schema as one; without columns when there is none.
pub fn concat(batches: &[Batch]) -> Result<Batch, Error> {
    let Some(first) = batches.first() else {
        return Batch::new([]);
    };
    let mut columns = Vec::new();
    for (at, field) in first.schema().fields().iter().enumerate() {
        let mut builder = ColumnBuilder::new(field, 0);
        for batch in batches {
            let column = batch.column_at(at)?;
            (0..batch.rows()).try_for_each(|row| builder.push(column.value(row)))?;
        }
        columns.push((field.clone(), builder.finish()));
    }
    Batch::new(columns)
}

/// Some rows of a batch, by number.
pub fn take(batch: &Batch, rows: &[usize]) -> Result<Batch, Error> {
    batch.select_rows(rows)
}

/// Whether two batches hold the same, floats within a relative 1e-9. The error names where
/// they differ.
pub fn same(left: &Batch, right: &Batch) -> Result<(), Error> {
    let differ = |what: String| Err(Error::defect("not-the-same", what));
    if left.schema() != right.schema() || left.rows() != right.rows() {
        let (left, right) = (left.rows(), right.rows());
        return differ(format!("{left} and {right} rows, or other columns"));
    }
    for (one, other) in left.columns().zip(right.columns()) {
        for row in 0..left.rows() {
            let (one, other) = (one.value(row), other.value(row));
            if !close(&one, &other) {
                return differ(format!("row {row}: {one:?} and {other:?}"));
            }
        }
    }
    Ok(())
}

fn close(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Float(left), Value::Float(right)) => {
            left == right
                || (left.is_nan() && right.is_nan())
                || (left - right).abs() <= 1e-9 * left.abs().max(right.abs())
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| close(l, r))
        }
        (Value::Struct(left), Value::Struct(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(l, r)| l.0 == r.0 && close(&l.1, &r.1))
        }
        _ => left == right,
    }
}
