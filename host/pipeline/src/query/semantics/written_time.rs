//! Texts that are read as a date or timestamp, in spellings that DuckDB and PostgreSQL read and the
//! engine does not: without seconds, with slashes, with blanks around.

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray as _, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DFSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable as _, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

const NAME: &str = "written_time";
/// The length of `2026-01-02 03:04`.
const WITHOUT_SECONDS: usize = 16;

/// Whether a cast reads a text as a date or timestamp, and its spelling was not looked at yet.
pub(super) fn is_read(operand: &Expr, field: &FieldRef, schema: &DFSchema) -> Result<bool> {
    use DataType as D;
    if !matches!(field.data_type(), D::Date32 | D::Timestamp(..)) {
        return Ok(false);
    }
    if matches!(operand, Expr::ScalarFunction(call) if call.name() == NAME) {
        return Ok(false);
    }
    let found = operand.get_type(schema)?;
    Ok(matches!(found, D::Utf8 | D::LargeUtf8 | D::Utf8View))
}

/// The text as the engine reads it.
pub(super) fn spelled(operand: &Expr) -> Expr {
    let function = ScalarUDF::new_from_impl(WrittenTime {
        signature: Signature::user_defined(Volatility::Immutable),
    });
    Expr::ScalarFunction(ScalarFunction::new_udf(
        function.into(),
        vec![operand.clone()],
    ))
}

/// A text in the spelling of the engine; any other text is left as it is.
fn respelled(text: &str) -> Cow<'_, str> {
    let mut found = Cow::Borrowed(text.trim_matches(' '));
    if is_slashed(found.as_bytes()) {
        found = Cow::Owned(found.replacen('/', "-", 2));
    }
    let bytes = found.as_bytes();
    let is_cut = bytes.len() == WITHOUT_SECONDS
        && bytes
            .get(10)
            .is_some_and(|byte| matches!(byte, b' ' | b'T'))
        && bytes.get(13) == Some(&b':');
    if is_cut {
        found = Cow::Owned(format!("{found}:00"));
    }
    found
}

/// Whether it begins as `2026/01/02`.
fn is_slashed(bytes: &[u8]) -> bool {
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_slash = |at: usize| bytes.get(at) == Some(&b'/');
    (0..4).all(is_digit) && is_slash(4) && (is_slash(6) || is_slash(7))
}

/// `written_time(text)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct WrittenTime {
    signature: Signature,
}

impl ScalarUDFImpl for WrittenTime {
    fn name(&self) -> &str {
        NAME
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
        let [one] = args.args.as_slice() else {
            return internal_err!("{NAME} takes one argument");
        };
        let is_constant = matches!(one, ColumnarValue::Scalar(_));
        let rows = if is_constant { 1 } else { args.number_rows };
        let texts = cast(&one.to_array(rows)?, &DataType::Utf8)?;
        let read = texts.as_string::<i32>();
        let is_same = |text: Option<&str>| text.is_none_or(|text| respelled(text) == text);
        let texts: ArrayRef = match read.iter().all(is_same) {
            true => texts,
            false => {
                let all = read.iter().map(|text| text.map(respelled));
                Arc::new(all.collect::<StringArray>())
            }
        };
        if is_constant {
            let text = ScalarValue::try_from_array(&texts, 0)?;
            return Ok(ColumnarValue::Scalar(text));
        }
        Ok(ColumnarValue::Array(texts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_engine_does_not_read_is_written_anew() {
        for (text, due) in [
            ("2026-01-02 03:04", "2026-01-02 03:04:00"),
            ("2026-01-02T03:04", "2026-01-02T03:04:00"),
            (" 2026-01-02 ", "2026-01-02"),
            ("2026/01/02", "2026-01-02"),
            ("2026/1/2 03:04:05", "2026-1-2 03:04:05"),
            ("2026-01-02 03:04:05", "2026-01-02 03:04:05"),
            ("2026-01-02 03:04Z", "2026-01-02 03:04Z"),
            ("01/02/2026", "01/02/2026"),
            ("2026-01-0日 03", "2026-01-0日 03"),
            ("", ""),
        ] {
            assert_eq!(respelled(text), due, "{text}");
        }
    }
}
