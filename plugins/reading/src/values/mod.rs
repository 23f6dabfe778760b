//! One field's text to one typed value, or the reason why it is none.

pub(crate) mod clock;
pub(crate) mod dates;
pub(crate) mod fields;
pub(crate) mod fill;
pub(crate) mod months;
pub(crate) mod numbers;
pub(crate) mod row;
pub(crate) mod rows;

use std::borrow::Cow;

use crate::mapping::{ColumnType, DateForm, Dialect};
use crate::values::numbers::{decimal, integer, number};

/// A typed value; text stays where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    /// No value.
    Null,
    /// The field's own text.
    Text,
    /// A whole number.
    Integer(i64),
    /// A float, never NaN or infinite.
    Number(f64),
    /// An exact decimal, in units of its last digit.
    Decimal(i128),
    Boolean(bool),
    /// Days since 1970-01-01.
    Days(i32),
    /// Microseconds since 1970-01-01T00:00Z.
    Micros(i64),
}

/// Full-width forms of ASCII, wide and non-breaking spaces and the minus sign as their plain
/// forms; borrowed when the text is plain already.
pub(crate) fn plain_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(plain_char).collect())
}

fn plain_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{2212}' => '-',
        '\u{ffe5}' => '¥',
        '\u{ffe0}' => '¢',
        '\u{ffe1}' => '£',
        _ => c,
    }
}

/// Reads a field by its declared type. `plain` says that the text comes from a format with
/// its own way to write values, so that the dialect's marks do not count
/// (a JSON number, a cell of a sheet that has a type).
///
/// # Errors
/// The reason, for people.
pub(crate) fn value(
    text: &str,
    kind: ColumnType,
    dialect: &Dialect,
    plain: bool,
) -> Result<Value, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(Value::Null);
    }
    if kind == ColumnType::Text {
        return Ok(Value::Text);
    }
    let folded = plain_width(trimmed);
    let folded = folded.trim();
    if is_among(folded, &dialect.empty_words) {
        return Ok(Value::Null);
    }
    match kind {
        ColumnType::Text => Ok(Value::Text),
        ColumnType::Integer => integer(folded, dialect, plain),
        ColumnType::Number => number(folded, dialect, plain),
        ColumnType::Decimal { precision, scale } => {
            decimal(folded, precision, scale, dialect, plain)
        }
        ColumnType::Boolean => boolean(folded, dialect, plain),
        ColumnType::Date => dates::days(folded, dialect, plain)
            .map(Value::Days)
            .ok_or_else(|| no_date(folded, "date", dialect)),
        ColumnType::Timestamp => dates::micros(folded, dialect, plain)
            .map(Value::Micros)
            .ok_or_else(|| no_date(folded, "timestamp", dialect)),
    }
}

/// Whether a text is among words in lower case, whatever its own case and width.
pub(crate) fn is_word(text: &str, words: &[String]) -> bool {
    !words.is_empty() && is_among(plain_width(text.trim()).trim(), words)
}

/// The beginning of a value, for a reason.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN_CHARS: usize = 60;
    let mut short: String = text.chars().take(SHOWN_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn no_date(text: &str, what: &str, dialect: &Dialect) -> String {
    if dates::has_wrong_clock(text, dialect) {
        let time = text
            .split_once([' ', 'T'])
            .map_or(text, |(_, time)| time.trim());
        return format!("`{}` in `{}` is no time of day", shown(time), shown(text));
    }
    let slashed = text.bytes().filter(|b| *b == b'/').count() == 2
        && text.starts_with(|c: char| c.is_ascii_digit())
        && text.find('/').is_some_and(|at| at < 4);
    if slashed && dialect.dates.contains(&DateForm::Unambiguous) {
        return format!(
            "`{}` may be day first or month first; say which with `dates = \"%d/%m/%Y\"` or `dates = \"%m/%d/%Y\"` in the mapping's dialect",
            shown(text)
        );
    }
    format!("`{}` is no {what} as the mapping writes them", shown(text))
}

fn is_among(text: &str, words: &[String]) -> bool {
    words
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text) || *word == text.to_lowercase())
}

fn boolean(text: &str, dialect: &Dialect, plain: bool) -> Result<Value, String> {
    if is_among(text, &dialect.true_words) || (plain && text == "true") {
        return Ok(Value::Boolean(true));
    }
    if is_among(text, &dialect.false_words) || (plain && text == "false") {
        return Ok(Value::Boolean(false));
    }
    Err(format!("`{}` is neither true nor false", shown(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, kind: ColumnType, dialect: &Dialect) -> Option<Value> {
        value(text, kind, dialect, false).ok()
    }

    #[test]
    fn booleans_and_reasons() {
        let dialect = Dialect {
            true_words: vec!["はい".to_owned(), "ja".to_owned()],
            ..Dialect::default()
        };
        assert_eq!(
            read("JA", ColumnType::Boolean, &dialect),
            Some(Value::Boolean(true))
        );
        assert_eq!(
            read("はい", ColumnType::Boolean, &dialect),
            Some(Value::Boolean(true))
        );
        assert_eq!(
            read("no", ColumnType::Boolean, &dialect),
            Some(Value::Boolean(false))
        );
        assert_eq!(read("perhaps", ColumnType::Boolean, &dialect), None);
        let reason = value("03/04/2026", ColumnType::Date, &dialect, false).unwrap_err();
        assert!(reason.contains("%d/%m/%Y"), "{reason}");
    }
}
