//! Values written as JSON: `to_json(x)`, `json_object('a', x)`, `json_array(x, y)`.

use std::fmt::Write as _;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::error::FunctionError;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    Value,
    Object,
    Array,
}

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::Value => "to_json",
            Self::Object => "json_object",
            Self::Array => "json_array",
        }
    }

    const fn usage(self) -> &'static str {
        match self {
            Self::Value => "to_json(x)",
            Self::Object => "json_object('key', x, …)",
            Self::Array => "json_array(x, …)",
        }
    }
}

/// `to_json(x)` and its like.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct WriteJson {
    form: Form,
    signature: Signature,
}

/// The functions of this file.
pub(super) fn functions() -> impl Iterator<Item = ScalarUDF> {
    let all = [Form::Value, Form::Object, Form::Array].into_iter();
    all.map(|form| {
        ScalarUDF::new_from_impl(WriteJson {
            form,
            signature: Signature::user_defined(Volatility::Immutable),
        })
    })
}

impl WriteJson {
    fn refused(&self, types: &[DataType]) -> FunctionError {
        let types: Vec<String> = types.iter().map(ToString::to_string).collect();
        FunctionError::Call {
            function: self.form.name().to_owned(),
            types: types.join(", "),
            takes: self.form.usage().to_owned(),
        }
    }
}

impl ScalarUDFImpl for WriteJson {
    fn name(&self) -> &str {
        self.form.name()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(types.to_vec())
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        let fits = match self.form {
            Form::Value => types.len() == 1,
            Form::Object => types.len().is_multiple_of(2),
            Form::Array => true,
        };
        match fits && types.iter().all(is_written) {
            true => Ok(DataType::Utf8),
            false => Err(self.refused(types).into()),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = |arg: &ColumnarValue| matches!(arg, ColumnarValue::Scalar(_));
        let is_constant = args.args.iter().all(is_scalar);
        let rows = if is_constant { 1 } else { args.number_rows };
        let columns = args.args.iter().map(|arg| {
            let array = arg.to_array(rows)?;
            readable(&array)
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let is_null = |row: usize| {
            let of = columns.first().filter(|_| self.form == Form::Value);
            of.is_some_and(|of| of.data_type().is_null() || of.is_null(row))
        };
        let text = |row: usize| {
            if is_null(row) {
                return Ok(None);
            }
            let mut text = String::new();
            self.row(&columns, row, &mut text)
                .map(|()| Some(text))
                .map_err(|what| FunctionError::Row {
                    function: self.form.name().to_owned(),
                    what,
                    takes: self.form.usage().to_owned(),
                })
        };
        let texts: std::result::Result<Vec<Option<String>>, _> = (0..rows).map(text).collect();
        let texts: ArrayRef = Arc::new(StringArray::from(texts?));
        match is_constant {
            true => Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(
                &texts, 0,
            )?)),
            false => Ok(ColumnarValue::Array(texts)),
        }
    }
}

impl WriteJson {
    fn row(
        &self,
        columns: &[ArrayRef],
        row: usize,
        text: &mut String,
    ) -> std::result::Result<(), String> {
        match self.form {
            Form::Value => columns
                .iter()
                .try_for_each(|column| value(column, row, text)),
            Form::Array => {
                text.push('[');
                for (at, column) in columns.iter().enumerate() {
                    comma(at, text);
                    value(column, row, text)?;
                }
                text.push(']');
                Ok(())
            }
            Form::Object => {
                text.push('{');
                for (at, pair) in columns.chunks(2).enumerate() {
                    let [key, of] = pair else { continue };
                    comma(at, text);
                    let key = cast(key, &DataType::Utf8).map_err(|error| error.to_string())?;
                    let key = key.as_string::<i32>();
                    if key.is_null(row) {
                        return Err("a key of an object is NULL".to_owned());
                    }
                    quoted(key.value(row), text);
                    text.push(':');
                    value(of, row, text)?;
                }
                text.push('}');
                Ok(())
            }
        }
    }
}

fn comma(at: usize, text: &mut String) {
    if at > 0 {
        text.push(',');
    }
}

/// Whether values of a type are written.
fn is_written(data_type: &DataType) -> bool {
    use DataType as D;
    match data_type {
        D::List(inner) | D::LargeList(inner) | D::FixedSizeList(inner, _) => {
            is_written(inner.data_type())
        }
        D::Struct(fields) => fields.iter().all(|field| is_written(field.data_type())),
        D::Null
        | D::Boolean
        | D::Utf8
        | D::LargeUtf8
        | D::Utf8View
        | D::Date32
        | D::Timestamp(..)
        | D::Time64(_)
        | D::Time32(_) => true,
        other => other.is_numeric(),
    }
}

/// The same values with lists of one kind.
fn readable(array: &ArrayRef) -> Result<ArrayRef> {
    Ok(match array.data_type() {
        DataType::LargeList(inner) | DataType::FixedSizeList(inner, _) => {
            cast(array, &DataType::List(Arc::clone(inner)))?
        }
        _ => Arc::clone(array),
    })
}

/// One value behind the text.
fn value(array: &ArrayRef, row: usize, text: &mut String) -> std::result::Result<(), String> {
    use DataType as D;
    if array.data_type().is_null() || array.is_null(row) {
        text.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        D::Boolean => {
            let _ = write!(text, "{}", array.as_boolean().value(row));
            Ok(())
        }
        D::Float32 | D::Float64 => number(array, row, text),
        D::List(_) => {
            let items = array.as_list::<i32>().value(row);
            text.push('[');
            for at in 0..items.len() {
                comma(at, text);
                value(&items, at, text)?;
            }
            text.push(']');
            Ok(())
        }
        D::Struct(_) => {
            let of = array.as_struct();
            text.push('{');
            let fields = of.column_names().into_iter().zip(of.columns());
            for (at, (name, column)) in fields.enumerate() {
                comma(at, text);
                quoted(name, text);
                text.push(':');
                value(column, row, text)?;
            }
            text.push('}');
            Ok(())
        }
        found => {
            let is_number = found.is_numeric();
            let one = cast(&array.slice(row, 1), &D::Utf8).map_err(|error| error.to_string())?;
            let one = one.as_string::<i32>().value(0);
            match is_number {
                true => text.push_str(one),
                false if matches!(found, D::Timestamp(..)) => {
                    quoted(&one.replacen('T', " ", 1), text);
                }
                false => quoted(one, text),
            }
            Ok(())
        }
    }
}

/// JSON has neither NaN nor infinities.
fn number(array: &ArrayRef, row: usize, text: &mut String) -> std::result::Result<(), String> {
    let wide = cast(array, &DataType::Float64).map_err(|error| error.to_string())?;
    let number = wide.as_primitive::<Float64Type>().value(row);
    if !number.is_finite() {
        return Err(format!("JSON has no number '{number}'"));
    }
    let _ = write!(text, "{number:?}");
    Ok(())
}

fn quoted(value: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(value).to_string());
}
