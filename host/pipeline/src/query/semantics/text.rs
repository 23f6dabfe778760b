//! Casts to texts as DuckDB writes them: a blank between date and time, no zeros at the end of a
//! second, NULL in a list, a sign and two digits in an exponent.

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, DurationMicrosecondType, IntervalMonthDayNano, IntervalMonthDayNanoType,
    IntervalUnit, TimeUnit,
};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::common::{ExprSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable as _, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

use super::one_column::one_column;

/// Texts with one of these stand in quotes inside of a list.
const QUOTED: &[char] = &['(', ')', '[', ']', '{', '}', '"', '\'', ',', ':', '=', '\\'];
const MICROSECONDS_A_DAY: i64 = 86_400_000_000;

/// `as_text(x)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct AsText {
    signature: Signature,
}

/// The call that takes the place of a cast to a text; nothing where the engine writes as DuckDB.
pub(super) fn written(operand: &Expr, schema: &dyn ExprSchema) -> Result<Option<Expr>> {
    if !is_other(&operand.get_type(schema)?) {
        return Ok(None);
    }
    let as_text = ScalarUDF::new_from_impl(AsText {
        signature: Signature::user_defined(Volatility::Immutable),
    });
    let call = ScalarFunction::new_udf(as_text.into(), vec![operand.clone()]);
    Ok(Some(Expr::ScalarFunction(call)))
}

fn is_other(data_type: &DataType) -> bool {
    use DataType as D;
    matches!(
        data_type,
        D::Timestamp(..)
            | D::Time32(_)
            | D::Time64(_)
            | D::Interval(_)
            | D::Duration(_)
            | D::List(_)
            | D::Struct(_)
            | D::Float32
            | D::Float64
    )
}

/// The text of every value; none where it is null.
fn texts(array: &ArrayRef) -> Result<Vec<Option<String>>> {
    match array.data_type() {
        DataType::List(_) => lists(array),
        DataType::Struct(_) => structs(array),
        DataType::Interval(_) | DataType::Duration(_) => intervals(array),
        DataType::Float32 | DataType::Float64 => Ok(plain(array)?
            .into_iter()
            .map(|one| one.map(|one| double(&one)))
            .collect()),
        DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_) => Ok(plain(array)?
            .into_iter()
            .map(|one| one.map(|one| moment(&one)))
            .collect()),
        _ => plain(array),
    }
}

/// As the engine writes it.
fn plain(array: &ArrayRef) -> Result<Vec<Option<String>>> {
    let options = FormatOptions::new();
    let formatter = ArrayFormatter::try_new(array, &options)?;
    let text = |row| -> Result<Option<String>> {
        // An untyped null says of no row that it is one.
        Ok(match array.is_null(row) || array.data_type().is_null() {
            true => None,
            false => Some(formatter.value(row).try_to_string()?),
        })
    };
    (0..array.len()).map(text).collect()
}

/// `1e+20` of `1e20`, `1e-07` of `1e-7`, `nan` of `NaN`.
fn double(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('e') else {
        return text.to_lowercase();
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{}e{sign}{exponent:0>2}", digits.trim_end_matches(".0"))
}

/// `2026-01-02 03:04:05.5` of `2026-01-02T03:04:05.500`.
fn moment(text: &str) -> String {
    let text = text.replacen('T', " ", 1);
    let (text, zone) = match text.strip_suffix('Z') {
        Some(rest) => (rest, "+00"),
        None => (text.as_str(), ""),
    };
    let text = match text.rsplit_once('.') {
        Some((_, digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            text.trim_end_matches('0').trim_end_matches('.')
        }
        _ => text,
    };
    format!("{text}{zone}")
}

/// The text of a value inside of a list or a struct.
fn inner(value: Option<String>, data_type: &DataType) -> String {
    let Some(text) = value else {
        return "NULL".to_owned();
    };
    let is_nested = matches!(data_type, DataType::List(_) | DataType::Struct(_));
    let is_bare = !text.is_empty()
        && text.trim() == text
        && !text.eq_ignore_ascii_case("null")
        && !text.contains(QUOTED);
    match is_nested || is_bare {
        true => text,
        false => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
    }
}

fn lists(array: &ArrayRef) -> Result<Vec<Option<String>>> {
    let lists = array.as_list::<i32>();
    let text = |row: usize| -> Result<Option<String>> {
        if lists.is_null(row) {
            return Ok(None);
        }
        let values = lists.value(row);
        let found = texts(&values)?.into_iter();
        let found: Vec<String> = found.map(|one| inner(one, values.data_type())).collect();
        Ok(Some(format!("[{}]", found.join(", "))))
    };
    (0..lists.len()).map(text).collect()
}

fn structs(array: &ArrayRef) -> Result<Vec<Option<String>>> {
    let structs = array.as_struct();
    let mut all = vec![String::new(); structs.len()];
    for (name, column) in structs.column_names().into_iter().zip(structs.columns()) {
        for (text, value) in all.iter_mut().zip(texts(column)?) {
            let comma = if text.is_empty() { "" } else { ", " };
            let value = inner(value, column.data_type());
            let _ = write!(text, "{comma}'{name}': {value}");
        }
    }
    let rows = all.into_iter().enumerate();
    let text =
        |(row, text): (usize, String)| (!structs.is_null(row)).then(|| format!("{{{text}}}"));
    Ok(rows.map(text).collect())
}

/// A difference of timestamps has days and a time, as an interval that was written has.
fn intervals(array: &ArrayRef) -> Result<Vec<Option<String>>> {
    if matches!(array.data_type(), DataType::Duration(_)) {
        let array = cast(array, &DataType::Duration(TimeUnit::Microsecond))?;
        let values = array.as_primitive::<DurationMicrosecondType>().iter();
        return Ok(values.map(|value| value.map(difference)).collect());
    }
    let array = cast(array, &DataType::Interval(IntervalUnit::MonthDayNano))?;
    let values = array.as_primitive::<IntervalMonthDayNanoType>().iter();
    let text = |value: IntervalMonthDayNano| {
        let (months, days) = (value.months, i64::from(value.days));
        interval(months, days, value.nanoseconds / 1_000)
    };
    Ok(values.map(|value| value.map(text)).collect())
}

fn difference(micros: i64) -> String {
    interval(0, micros / MICROSECONDS_A_DAY, micros % MICROSECONDS_A_DAY)
}

/// `1 year 2 months 3 days 04:05:06.5`.
fn interval(months: i32, days: i64, micros: i64) -> String {
    let mut parts = Vec::new();
    let (years, months) = (i64::from(months / 12), i64::from(months % 12));
    for (count, unit) in [(years, "year"), (months, "month"), (days, "day")] {
        let plural = if count.abs() == 1 { "" } else { "s" };
        if count != 0 {
            parts.push(format!("{count} {unit}{plural}"));
        }
    }
    if micros != 0 || parts.is_empty() {
        let sign = if micros < 0 { "-" } else { "" };
        let micros = micros.unsigned_abs();
        let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        let (hours, minutes) = (minutes / 60, minutes % 60);
        let fraction = match micros {
            0 => String::new(),
            _ => format!(".{micros:06}"),
        };
        let fraction = fraction.trim_end_matches('0');
        parts.push(format!(
            "{sign}{hours:02}:{minutes:02}:{seconds:02}{fraction}"
        ));
    }
    parts.join(" ")
}

impl ScalarUDFImpl for AsText {
    fn name(&self) -> &str {
        "as_text"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        one_column(&args, |values| {
            Ok(Arc::new(StringArray::from(texts(values)?)))
        })
    }
}
