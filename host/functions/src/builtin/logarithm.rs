//! Functions of numbers that have no value everywhere: logarithms, and angles of a sine or cosine. Where
//! there is none it is an error, as in DuckDB and PostgreSQL, and no infinity that goes on unseen.

use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, Float64Array};
use datafusion::arrow::datatypes::{DataType, Float64Type};

use super::row_function::{Argument, Computed, RowFunction};

/// The functions of this file.
pub(super) fn functions() -> Vec<RowFunction> {
    let one = |name, usage, compute| {
        RowFunction::new(name, usage, &[Argument::Number], DataType::Float64, compute)
    };
    vec![
        one("ln", "ln(x)", |columns| logarithm(columns, f64::ln)),
        one("log2", "log2(x)", |columns| logarithm(columns, f64::log2)),
        one("log10", "log10(x)", |columns| {
            logarithm(columns, f64::log10)
        }),
        RowFunction::new(
            "log",
            "log(x) or log(base, x)",
            &[Argument::Number, Argument::Number],
            DataType::Float64,
            log,
        )
        .optional(1),
        one("asin", "asin(x)", |columns| angle(columns, f64::asin)),
        one("acos", "acos(x)", |columns| angle(columns, f64::acos)),
    ]
}

fn numbers(columns: &[ArrayRef], at: usize) -> Computed<&Float64Array> {
    let column = columns.get(at);
    let numbers = column.and_then(|column| column.as_primitive_opt::<Float64Type>());
    numbers.ok_or_else(|| format!("argument {} is no number", at + 1))
}

fn each(numbers: &Float64Array, one: impl Fn(f64) -> Computed<f64>) -> Computed<ArrayRef> {
    let computed = numbers.iter().map(|number| number.map(&one).transpose());
    Ok(Arc::new(computed.collect::<Computed<Float64Array>>()?))
}

/// A number that has a logarithm; NaN has itself.
fn positive(number: f64) -> Computed<f64> {
    match number <= 0.0 {
        true => Err(format!(
            "{number} has no logarithm; nullif(x, 0) gives NULL for zero"
        )),
        false => Ok(number),
    }
}

fn logarithm(columns: &[ArrayRef], of: fn(f64) -> f64) -> Computed<ArrayRef> {
    each(numbers(columns, 0)?, |number| positive(number).map(of))
}

/// `log(x)` by ten, `log(base, x)` by its base.
fn log(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    if columns.len() < 2 {
        return logarithm(columns, f64::log10);
    }
    let (bases, numbers) = (numbers(columns, 0)?, numbers(columns, 1)?);
    let one = |row| -> Computed<Option<f64>> {
        if bases.is_null(row) || numbers.is_null(row) {
            return Ok(None);
        }
        let base = positive(bases.value(row))?.ln();
        match base == 0.0 {
            true => Err("1 is no base of a logarithm".to_owned()),
            false => Ok(Some(positive(numbers.value(row))?.ln() / base)),
        }
    };
    let rows = 0..bases.len();
    Ok(Arc::new(rows.map(one).collect::<Computed<Float64Array>>()?))
}

fn angle(columns: &[ArrayRef], of: fn(f64) -> f64) -> Computed<ArrayRef> {
    each(numbers(columns, 0)?, |number| match number.abs() > 1.0 {
        true => Err(format!("{number} is not between -1 and 1")),
        false => Ok(of(number)),
    })
}
