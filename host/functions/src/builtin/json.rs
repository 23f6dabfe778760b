//! JSON that is kept as text: values by path, lengths, keys, types.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, ListBuilder, StringArray, StringBuilder, UInt64Array,
};
use datafusion::arrow::datatypes::{DataType, Field};
use serde_json::Value;

use super::json_path::JsonPath;
use super::row_function::{Argument, Computed, RowFunction, text_at};

const VALUE_AT: &[Argument] = &[Argument::Text, Argument::Path];

/// The functions of this file.
pub(super) fn functions() -> Vec<RowFunction> {
    let keys = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
    let text = DataType::Utf8;
    vec![
        RowFunction::new(
            "json_extract",
            "json_extract(json, path)",
            VALUE_AT,
            text.clone(),
            |columns| texts(columns, |value| Some(value.to_string())),
        )
        .also(&["json_extract_path"]),
        RowFunction::new(
            "json_extract_string",
            "json_extract_string(json, path)",
            VALUE_AT,
            text.clone(),
            |columns| texts(columns, plain),
        )
        .also(&["json_extract_path_text"]),
        RowFunction::new(
            "json_type",
            "json_type(json[, path])",
            VALUE_AT,
            text,
            |columns| texts(columns, |value| Some(kind(value).to_owned())),
        )
        .optional(1),
        RowFunction::new(
            "json_array_length",
            "json_array_length(json[, path])",
            VALUE_AT,
            DataType::UInt64,
            lengths,
        )
        .optional(1),
        RowFunction::new(
            "json_keys",
            "json_keys(json[, path])",
            VALUE_AT,
            keys,
            all_keys,
        )
        .optional(1),
        RowFunction::new(
            "json_exists",
            "json_exists(json, path)",
            VALUE_AT,
            DataType::Boolean,
            exists,
        ),
        RowFunction::new(
            "json_valid",
            "json_valid(text)",
            &[Argument::Text],
            DataType::Boolean,
            valid,
        ),
    ]
}

/// A value as text: a string without its quotes, nothing of `null`.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "BOOLEAN",
        Value::Number(number) if number.is_u64() => "UBIGINT",
        Value::Number(number) if number.is_i64() => "BIGINT",
        Value::Number(_) => "DOUBLE",
        Value::String(_) => "VARCHAR",
        Value::Array(_) => "ARRAY",
        Value::Object(_) => "OBJECT",
    }
}

/// What is found in a row.
enum Found {
    /// An argument is NULL.
    Missing,
    /// The path leads nowhere.
    Nothing,
    Value(Value),
}

/// The value of a row at the path of the second argument, or the whole.
fn found(columns: &[ArrayRef], row: usize) -> Computed<Found> {
    let path = match columns.len() {
        0 | 1 => "$",
        _ => match text_at(columns, 1, row)? {
            Some(path) => path,
            None => return Ok(Found::Missing),
        },
    };
    let Some(text) = text_at(columns, 0, row)? else {
        return Ok(Found::Missing);
    };
    let path = JsonPath::new(path)?;
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        let start: String = text.chars().take(40).collect();
        return Err(format!(
            "'{start}' is no JSON; leave such rows out by json_valid(text)"
        ));
    };
    Ok(path
        .find(&value)
        .cloned()
        .map_or(Found::Nothing, Found::Value))
}

fn rows(columns: &[ArrayRef]) -> std::ops::Range<usize> {
    0..columns.first().map_or(0, |column| column.len())
}

fn texts(columns: &[ArrayRef], shown: fn(&Value) -> Option<String>) -> Computed<ArrayRef> {
    let one = |row| -> Computed<Option<String>> {
        Ok(match found(columns, row)? {
            Found::Value(value) => shown(&value),
            Found::Missing | Found::Nothing => None,
        })
    };
    Ok(Arc::new(
        rows(columns).map(one).collect::<Computed<StringArray>>()?,
    ))
}

fn lengths(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let one = |row| -> Computed<Option<u64>> {
        Ok(match found(columns, row)? {
            Found::Value(Value::Array(all)) => u64::try_from(all.len()).ok(),
            Found::Value(_) => Some(0),
            Found::Missing | Found::Nothing => None,
        })
    };
    Ok(Arc::new(
        rows(columns).map(one).collect::<Computed<UInt64Array>>()?,
    ))
}

fn all_keys(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for row in rows(columns) {
        match found(columns, row)? {
            Found::Value(Value::Object(fields)) => {
                for key in fields.keys() {
                    lists.values().append_value(key);
                }
                lists.append(true);
            }
            Found::Value(_) => lists.append(true),
            Found::Missing | Found::Nothing => lists.append_null(),
        }
    }
    Ok(Arc::new(lists.finish()))
}

fn exists(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let one = |row| -> Computed<Option<bool>> {
        Ok(match found(columns, row)? {
            Found::Missing => None,
            Found::Nothing => Some(false),
            Found::Value(_) => Some(true),
        })
    };
    Ok(Arc::new(
        rows(columns).map(one).collect::<Computed<BooleanArray>>()?,
    ))
}

fn valid(columns: &[ArrayRef]) -> Computed<ArrayRef> {
    let one = |row| -> Computed<Option<bool>> {
        let text = text_at(columns, 0, row)?;
        Ok(text.map(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()))
    };
    Ok(Arc::new(
        rows(columns).map(one).collect::<Computed<BooleanArray>>()?,
    ))
}
