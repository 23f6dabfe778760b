//! A row as JSON, as the host renders it: what a request that carries the row must say.

use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    UInt64Type,
};
use serde_json::{Map, Number, Value};

use crate::run::error::RunError;

/// Every row as an object, columns by name.
pub(super) fn rendered(rows: &RecordBatch) -> Result<Vec<Map<String, Value>>, RunError> {
    let mut objects = vec![Map::new(); rows.num_rows()];
    for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
        for (object, value) in objects.iter_mut().zip(values(column)?) {
            object.insert(field.name().clone(), value);
        }
    }
    Ok(objects)
}

/// Whether a value that a sink wrote says what the host wrote. A number may stand as text, and a list
/// or an object as the text of its JSON.
pub(super) fn says(expected: &Value, written: &Value) -> bool {
    match (expected, written) {
        (Value::Object(expected), Value::Object(written)) => {
            expected.len() == written.len()
                && expected.iter().all(|(name, value)| {
                    written
                        .get(name)
                        .is_some_and(|written| says(value, written))
                })
        }
        (Value::Array(expected), Value::Array(written)) => {
            let mut pairs = expected.iter().zip(written);
            expected.len() == written.len() && pairs.all(|(one, other)| says(one, other))
        }
        (Value::Object(_) | Value::Array(_), Value::String(text)) => {
            serde_json::from_str::<Value>(text).is_ok_and(|value| says(expected, &value))
        }
        (Value::Number(number), Value::String(text)) => text
            .parse::<f64>()
            .ok()
            .is_some_and(|written| number.as_f64() == Some(written)),
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        _ => expected == written,
    }
}

fn values(column: &ArrayRef) -> Result<Vec<Value>, RunError> {
    let as_type = |kind: &DataType| cast(column, kind);
    Ok(match column.data_type() {
        DataType::Null => vec![Value::Null; column.len()],
        DataType::Boolean => each(column.as_boolean().iter(), Value::Bool),
        kind if kind.is_unsigned_integer() => {
            let column = as_type(&DataType::UInt64)?;
            each(column.as_primitive::<UInt64Type>().iter(), Value::from)
        }
        kind if kind.is_signed_integer() => {
            let column = as_type(&DataType::Int64)?;
            each(column.as_primitive::<Int64Type>().iter(), Value::from)
        }
        kind if kind.is_floating() => {
            let column = as_type(&DataType::Float64)?;
            each(column.as_primitive::<Float64Type>().iter(), |number| {
                Number::from_f64(number).map_or(Value::Null, Value::Number)
            })
        }
        DataType::Decimal128(_, scale) => {
            let scale = i32::from(*scale);
            let numbers = column.as_primitive::<Decimal128Type>().iter();
            each(numbers, |unscaled| {
                Value::from(unscaled as f64 / 10f64.powi(scale))
            })
        }
        // Other units are plain numbers to a plugin.
        DataType::Time32(_) => {
            let column = cast(&as_type(&DataType::Int32)?, &DataType::Int64)?;
            each(column.as_primitive::<Int64Type>().iter(), Value::from)
        }
        DataType::Timestamp(TimeUnit::Second | TimeUnit::Millisecond | TimeUnit::Nanosecond, _)
        | DataType::Time64(_)
        | DataType::Duration(_) => {
            let column = as_type(&DataType::Int64)?;
            each(column.as_primitive::<Int64Type>().iter(), Value::from)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let column = as_type(&DataType::Timestamp(TimeUnit::Microsecond, None))?;
            let moments = column.as_primitive::<TimestampMicrosecondType>().iter();
            each(moments, |micros| Value::String(moment(micros)))
        }
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::Struct(_) => nested(column)?,
        _ => {
            let column = as_type(&DataType::Utf8)?;
            each(column.as_string::<i32>().iter(), Value::from)
        }
    })
}

/// The lists or objects of a column, row by row.
fn nested(column: &ArrayRef) -> Result<Vec<Value>, RunError> {
    let object = |row: usize| -> Result<Value, RunError> {
        let one = column.slice(row, 1);
        if one.is_null(0) {
            return Ok(Value::Null);
        }
        let Some(object) = one.as_struct_opt() else {
            return Ok(Value::Array(items(&one)?));
        };
        let mut members = Map::new();
        for (name, child) in object.column_names().into_iter().zip(object.columns()) {
            members.extend(
                values(child)?
                    .into_iter()
                    .map(|value| (name.to_owned(), value)),
            );
        }
        Ok(Value::Object(members))
    };
    (0..column.len()).map(object).collect()
}

fn each<T>(values: impl Iterator<Item = Option<T>>, value: impl Fn(T) -> Value) -> Vec<Value> {
    values.map(|one| one.map_or(Value::Null, &value)).collect()
}

/// The items of a column that has one list.
fn items(list: &ArrayRef) -> Result<Vec<Value>, RunError> {
    let list = match list.data_type() {
        DataType::LargeList(_) => list.as_list::<i64>().value(0),
        DataType::ListView(item) => {
            let list = cast(list, &DataType::List(item.clone()))?;
            list.as_list::<i32>().value(0)
        }
        _ => list.as_list::<i32>().value(0),
    };
    values(&list)
}

/// `2026-03-31T09:05:00Z`, with a fraction only when there is one, as a plugin writes it.
fn moment(micros: i64) -> String {
    let Some(at) = chrono::DateTime::from_timestamp_micros(micros) else {
        return micros.to_string();
    };
    match micros.rem_euclid(1_000_000) {
        0 => at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        fraction => format!("{}.{fraction:06}Z", at.format("%Y-%m-%dT%H:%M:%S")),
    }
}
