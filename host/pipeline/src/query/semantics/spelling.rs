//! Texts that are read as a date, a timestamp or a decimal, in spellings that DuckDB and PostgreSQL
//! read and the engine does not: without seconds, with slashes, with blanks around, `24:00:00`, with
//! an exponent. A TIMESTAMP keeps no offset: what clocks show is read, as these two do.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{AsArray as _, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable as _, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
    Signature, Volatility,
};

use super::one_column::one_column;

const NAME: &str = "respelled";
/// The length of `2026-01-02 03:04`.
const WITHOUT_SECONDS: usize = 16;
/// No decimal has more digits.
const EXPONENT_MAX: u32 = 76;

/// What a text is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reads {
    Date,
    /// What clocks show.
    Timestamp,
    /// A moment, with the offset of its clocks.
    Moment,
    Decimal,
}

impl Reads {
    /// Of a text that is cast to a type; none where the engine reads it as the others do.
    pub(crate) fn of(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Date32 => Some(Self::Date),
            DataType::Timestamp(_, None) => Some(Self::Timestamp),
            DataType::Timestamp(_, Some(_)) => Some(Self::Moment),
            DataType::Decimal128(..) | DataType::Decimal256(..) => Some(Self::Decimal),
            _ => None,
        }
    }
}

/// The text of a cast as the engine reads it; none where it is no text, or respelled already.
pub(super) fn spelled(operand: &Expr, field: &FieldRef, schema: &DFSchema) -> Result<Option<Expr>> {
    use DataType as D;
    let Some(reads) = Reads::of(field.data_type()) else {
        return Ok(None);
    };
    if matches!(operand, Expr::ScalarFunction(call) if call.name() == NAME) {
        return Ok(None);
    }
    if !matches!(
        operand.get_type(schema)?,
        D::Utf8 | D::LargeUtf8 | D::Utf8View
    ) {
        return Ok(None);
    }
    let function = ScalarUDF::new_from_impl(Respelled {
        reads,
        signature: Signature::user_defined(Volatility::Immutable),
    });
    Ok(Some(Expr::ScalarFunction(ScalarFunction::new_udf(
        function.into(),
        vec![operand.clone()],
    ))))
}

/// A text in the spelling of the engine; any other text is left as it is.
pub(crate) fn respelled(text: &str, reads: Reads) -> Cow<'_, str> {
    if reads == Reads::Decimal {
        return plain(text).map_or(Cow::Borrowed(text), Cow::Owned);
    }
    let mut found = Cow::Borrowed(text.trim_matches(' '));
    if is_slashed(found.as_bytes()) {
        found = Cow::Owned(found.replacen('/', "-", 2));
    }
    if reads != Reads::Moment
        && let Some(end) = offset(&found)
    {
        found = Cow::Owned(found.get(..end).unwrap_or_default().trim_end().to_owned());
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
    if reads == Reads::Timestamp
        && let Some(next) = next_day(&found)
    {
        found = Cow::Owned(next);
    }
    found
}

/// Where the offset behind a time begins: `Z`, `+02`, `-03:30`.
fn offset(text: &str) -> Option<usize> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, offset) = time.split_at_checked(at)?;
    let is_clock = !clock.trim_end().is_empty();
    let is_offset = match offset.split_at_checked(1)? {
        ("Z" | "z", rest) => rest.is_empty(),
        (_, rest) => {
            let is_pair = |part: &str| {
                part.len().is_multiple_of(2) && part.bytes().all(|byte| byte.is_ascii_digit())
            };
            let digits: usize = rest.split(':').map(str::len).sum();
            matches!(digits, 2 | 4 | 6) && rest.split(':').all(is_pair)
        }
    };
    (is_clock && is_offset).then_some(date.len() + 1 + at)
}

/// `2026-01-02 24:00:00` is the beginning of the next day.
fn next_day(text: &str) -> Option<String> {
    let (date, time) = text.split_once(['T', ' '])?;
    let rest = time.strip_prefix("24:00:00")?;
    if !rest.is_empty() && !rest.strip_prefix('.')?.bytes().all(|byte| byte == b'0') {
        return None;
    }
    let next = date.parse::<NaiveDate>().ok()?.succ_opt()?;
    Some(format!("{next} 00:00:00"))
}

/// `100` of `1e2`; none where there is no exponent.
fn plain(text: &str) -> Option<String> {
    let trimmed = text.trim_matches(' ');
    let (number, exponent) = trimmed.split_once(['e', 'E'])?;
    let exponent: i32 = exponent
        .strip_prefix('+')
        .unwrap_or(exponent)
        .parse()
        .ok()?;
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let has_digits = whole.len() + fraction.len() > 0;
    if !has_digits || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    if exponent.unsigned_abs() > EXPONENT_MAX {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).ok()? + exponent;
    let length = i32::try_from(digits.len()).ok()?;
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    Some(if point <= 0 {
        format!("{sign}0.{}{digits}", zeros(-point))
    } else if point >= length {
        format!("{sign}{digits}{}", zeros(point - length))
    } else {
        let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
        format!("{sign}{whole}.{fraction}")
    })
}

/// Whether it begins as `2026/01/02`.
fn is_slashed(bytes: &[u8]) -> bool {
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_slash = |at: usize| bytes.get(at) == Some(&b'/');
    (0..4).all(is_digit) && is_slash(4) && (is_slash(6) || is_slash(7))
}

/// `respelled(text)`.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Respelled {
    reads: Reads,
    signature: Signature,
}

impl ScalarUDFImpl for Respelled {
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
        one_column(&args, |texts| {
            let texts = cast(texts, &DataType::Utf8)?;
            let read = texts.as_string::<i32>();
            let is_same =
                |text: Option<&str>| text.is_none_or(|text| respelled(text, self.reads) == text);
            if read.iter().all(is_same) {
                return Ok(texts);
            }
            let all = read
                .iter()
                .map(|text| text.map(|text| respelled(text, self.reads)));
            Ok(Arc::new(all.collect::<StringArray>()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_engine_does_not_read_is_written_anew() {
        for (text, reads, due) in [
            ("2026-01-02 03:04", Reads::Date, "2026-01-02 03:04:00"),
            ("2026-01-02T03:04", Reads::Timestamp, "2026-01-02T03:04:00"),
            (" 2026-01-02 ", Reads::Date, "2026-01-02"),
            ("2026/01/02", Reads::Date, "2026-01-02"),
            ("2026/1/2 03:04:05", Reads::Timestamp, "2026-1-2 03:04:05"),
            (
                "2026-01-02 03:04:05",
                Reads::Timestamp,
                "2026-01-02 03:04:05",
            ),
            ("2026-01-02 03:04Z", Reads::Moment, "2026-01-02 03:04Z"),
            ("2026-01-02 03:04Z", Reads::Timestamp, "2026-01-02 03:04:00"),
            (
                "2026-01-02 03:04:05 +02:00",
                Reads::Timestamp,
                "2026-01-02 03:04:05",
            ),
            (
                "2026-01-02T03:04:05.5-0330",
                Reads::Timestamp,
                "2026-01-02T03:04:05.5",
            ),
            (
                "2026-01-02 03:04:05+2:0:0:0",
                Reads::Timestamp,
                "2026-01-02 03:04:05+2:0:0:0",
            ),
            ("2026-01-02 -02", Reads::Timestamp, "2026-01-02 -02"),
            (
                "2026-12-31 24:00:00",
                Reads::Timestamp,
                "2027-01-01 00:00:00",
            ),
            ("2026-12-31 24:00", Reads::Timestamp, "2027-01-01 00:00:00"),
            (
                "2026-12-31 24:00:01",
                Reads::Timestamp,
                "2026-12-31 24:00:01",
            ),
            ("01/02/2026", Reads::Timestamp, "01/02/2026"),
            ("2026-01-0日 03", Reads::Timestamp, "2026-01-0日 03"),
            ("", Reads::Timestamp, ""),
            ("1e2", Reads::Decimal, "100"),
            ("-1.5E-1", Reads::Decimal, "-0.15"),
            (" 12.345e+2 ", Reads::Decimal, "1234.5"),
            ("1e999", Reads::Decimal, "1e999"),
            ("e2", Reads::Decimal, "e2"),
            ("1.50", Reads::Decimal, "1.50"),
        ] {
            assert_eq!(respelled(text, reads), due, "{text}");
        }
    }
}
