//! Batches as they come, brought into the types a table is stored in; nothing is lost in silence.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, make_array};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{
    DataType, Date64Type, Field, Float32Type, Float64Type, SchemaRef, Time64NanosecondType,
    TimeUnit, TimestampNanosecondType,
};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::util::display::{FormatOptions, array_value_to_string};

use super::types::stored_type;
use crate::error::Error;
use crate::name::LakeTableName;

/// A value that does not fit is an error, never a null.
const STRICT: CastOptions<'static> = CastOptions {
    safe: false,
    format_options: FormatOptions::new(),
};

/// A batch with the columns of `stored`, whatever plain, view, large or dictionary layout it came in.
pub(crate) fn stored_batch(
    table: &LakeTableName,
    stored: &SchemaRef,
    batch: &RecordBatch,
) -> Result<RecordBatch, Error> {
    let misfit = |what: String| Error::Misfit {
        table: table.clone(),
        what,
    };
    if batch.num_columns() != stored.fields().len() {
        return Err(misfit(format!(
            "{} columns instead of {}",
            batch.num_columns(),
            stored.fields().len()
        )));
    }
    let given = batch.schema();
    let columns = stored
        .fields()
        .iter()
        .zip(given.fields())
        .zip(batch.columns())
        .map(|((field, given), array)| {
            if field.name() != given.name() {
                return Err(misfit(format!(
                    "`{}` instead of `{}`",
                    given.name(),
                    field.name()
                )));
            }
            stored_array(table, field, array)
        })
        .collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(stored.clone(), columns).map_err(|error| misfit(error.to_string()))
}

fn stored_array(table: &LakeTableName, field: &Field, array: &ArrayRef) -> Result<ArrayRef, Error> {
    if array.data_type() == field.data_type() {
        return Ok(array.clone());
    }
    let column = field.name();
    let plain = stored_type(table, column, array.data_type())?;
    if !plain.equals_datatype(field.data_type()) {
        return Err(Error::Misfit {
            table: table.clone(),
            what: format!(
                "`{column}` has the type {} instead of {}",
                array.data_type(),
                field.data_type()
            ),
        });
    }
    let convert = |source: ArrowError| Error::Convert {
        table: table.clone(),
        column: column.clone(),
        source,
    };
    if let Some((value, stored_as)) = inexact(array).map_err(convert)? {
        return Err(Error::Inexact {
            table: table.clone(),
            column: column.clone(),
            value,
            stored_as,
        });
    }
    cast_with_options(array, field.data_type(), &STRICT).map_err(convert)
}

/// The first value, however deep, that has more digits than its stored type keeps.
fn inexact(array: &ArrayRef) -> Result<Option<(String, &'static str)>, ArrowError> {
    const DAY_MS: i64 = 86_400_000;
    let found = match array.data_type() {
        DataType::Time64(TimeUnit::Nanosecond) => array
            .as_primitive::<Time64NanosecondType>()
            .iter()
            .position(|v| v.is_some_and(|v| v % 1_000 != 0)),
        DataType::Timestamp(TimeUnit::Nanosecond, Some(_)) => array
            .as_primitive::<TimestampNanosecondType>()
            .iter()
            .position(|v| v.is_some_and(|v| v % 1_000 != 0)),
        DataType::Date64 => array
            .as_primitive::<Date64Type>()
            .iter()
            .position(|v| v.is_some_and(|v| v % DAY_MS != 0)),
        other if other.is_nested() || matches!(other, DataType::Dictionary(..)) => {
            for child in array.to_data().child_data() {
                if let Some(found) = inexact(&make_array(child.clone()))? {
                    return Ok(Some(found));
                }
            }
            None
        }
        _ => None,
    };
    let Some(row) = found else { return Ok(None) };
    let stored_as = match array.data_type() {
        DataType::Date64 => "a date",
        DataType::Time64(_) => "a time of day in microseconds",
        _ => "a zoned timestamp in microseconds",
    };
    Ok(Some((array_value_to_string(array, row)?, stored_as)))
}

/// Marks which leaves, in the order of Parquet columns, have a NaN. A value hidden under a null
/// parent counts too: the mark only ever stops a file from being skipped.
pub(crate) fn mark_nan(arrays: &[ArrayRef], leaf: &mut usize, marks: &mut [bool]) {
    for array in arrays {
        let is_leaf = match array.data_type() {
            DataType::List(_) => {
                mark_nan(&[array.as_list::<i32>().values().clone()], leaf, marks);
                false
            }
            DataType::Struct(_) => {
                mark_nan(array.as_struct().columns(), leaf, marks);
                false
            }
            DataType::Map(..) => {
                mark_nan(array.as_map().entries().columns(), leaf, marks);
                false
            }
            _ => true,
        };
        if is_leaf {
            if has_nan(array)
                && let Some(mark) = marks.get_mut(*leaf)
            {
                *mark = true;
            }
            *leaf += 1;
        }
    }
}

fn has_nan(array: &ArrayRef) -> bool {
    match array.data_type() {
        DataType::Float32 => array
            .as_primitive::<Float32Type>()
            .iter()
            .flatten()
            .any(f32::is_nan),
        DataType::Float64 => array
            .as_primitive::<Float64Type>()
            .iter()
            .flatten()
            .any(f64::is_nan),
        _ => false,
    }
}
