//! Numbers as exports write them, with the marks that the mapping states.

use std::borrow::Cow;

use crate::mapping::{DecimalMark, Dialect};
use crate::values::{Value, shown};

/// A whole number; a fraction of zeros is none.
pub(crate) fn integer(text: &str, dialect: &Dialect, plain: bool) -> Result<Value, String> {
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Value::Integer(number));
    }
    let number = canonical(text, dialect, plain)
        .ok_or_else(|| format!("`{}` is no whole number", shown(text)))?;
    match unscaled(&number, 0) {
        Some(units) => i64::try_from(units)
            .map(Value::Integer)
            .map_err(|_| format!("`{}` does not fit in 64 bits", shown(text))),
        None => Err(format!("`{}` is no whole number", shown(text))),
    }
}

/// A float that is finite.
pub(crate) fn number(text: &str, dialect: &Dialect, plain: bool) -> Result<Value, String> {
    let number = canonical(text, dialect, plain)
        .ok_or_else(|| format!("`{}` is no number as the mapping writes them", shown(text)))?;
    match number.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Value::Number(value)),
        _ => Err(format!("`{}` does not fit in a 64-bit float", shown(text))),
    }
}

/// An exact decimal; digits that it cannot hold refuse the value.
pub(crate) fn decimal(
    text: &str,
    precision: u8,
    scale: u8,
    dialect: &Dialect,
    plain: bool,
) -> Result<Value, String> {
    let number = canonical(text, dialect, plain)
        .ok_or_else(|| format!("`{}` is no number as the mapping writes them", shown(text)))?;
    unscaled(&number, scale)
        .filter(|units| units.unsigned_abs() < 10_u128.pow(u32::from(precision)))
        .map(Value::Decimal)
        .ok_or_else(|| {
            format!(
                "`{}` does not fit in decimal({precision},{scale})",
                shown(text)
            )
        })
}

/// A number as `[-]digits[.digits][e[±]digits]`, or nothing if it is none in this dialect.
fn canonical<'a>(text: &'a str, dialect: &Dialect, plain: bool) -> Option<Cow<'a, str>> {
    let point_only =
        plain || (dialect.decimal == DecimalMark::Point && dialect.thousands.is_empty());
    if point_only && is_canonical(text) {
        return Some(Cow::Borrowed(text));
    }
    let (negative, body) = if plain {
        (
            text.starts_with('-'),
            text.strip_prefix('-').unwrap_or(text),
        )
    } else {
        signed(text, dialect)
    };
    let (decimal, thousands) = if plain {
        ('.', Vec::new())
    } else {
        marks(body, dialect)?
    };
    let mut out = String::with_capacity(text.len() + 1);
    if negative {
        out.push('-');
    }
    let (whole, fraction) = match body.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (body, None),
    };
    ungrouped(whole, &thousands, &mut out)?;
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    is_canonical(&out).then_some(Cow::Owned(out))
}

/// Whether a number is negative, and what is left of it without its sign, a currency and the
/// brackets or triangles of accounts.
fn signed<'a>(text: &'a str, dialect: &Dialect) -> (bool, &'a str) {
    let mut body = text;
    let mut negative = false;
    // A currency may stand outside or inside of the sign.
    for _ in 0..2 {
        for sign in &dialect.signs {
            let cut = body.strip_prefix(sign.as_str());
            let cut = cut.or_else(|| body.strip_suffix(sign.as_str()));
            body = cut.map_or(body, str::trim);
        }
        if negative {
            break;
        }
        // Some systems write the sign behind the number.
        let bracketed = body
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        let minus = body
            .strip_prefix(['-', '▲', '△'])
            .or_else(|| body.strip_suffix('-'))
            .or(bracketed);
        (negative, body) = match minus {
            Some(rest) => (true, rest.trim()),
            None => (false, body),
        };
    }
    if !negative {
        body = body.strip_prefix('+').unwrap_or(body).trim_start();
    }
    (negative, body)
}

/// The decimal mark and the thousands marks that count in this number.
fn marks(body: &str, dialect: &Dialect) -> Option<(char, Vec<char>)> {
    match dialect.decimal {
        DecimalMark::Point => Some(('.', dialect.thousands.clone())),
        DecimalMark::Comma => Some((',', dialect.thousands.clone())),
        DecimalMark::Detect => {
            let mut thousands = vec![' ', '\'', '\u{2019}'];
            let (points, commas) = (body.matches('.').count(), body.matches(',').count());
            let decimal = match (points, commas) {
                (0, 0) => '.',
                (1, 1..) if body.rfind('.') > body.rfind(',') => '.',
                (1.., 1) if body.rfind(',') > body.rfind('.') => ',',
                (0, 2..) => '.',
                (2.., 0) => ',',
                (1, 0) if digits_after(body, '.') != 3 => '.',
                (0, 1) if digits_after(body, ',') != 3 => ',',
                // `1.234` and `1,234` may be a thousand or one and a bit.
                _ => return None,
            };
            thousands.push(if decimal == '.' { ',' } else { '.' });
            Some((decimal, thousands))
        }
    }
}

fn digits_after(body: &str, mark: char) -> usize {
    body.rsplit(mark)
        .next()
        .map_or(0, |tail| tail.bytes().filter(u8::is_ascii_digit).count())
}

/// Appends the whole part without its marks; a mark must be followed by exactly three digits.
fn ungrouped(whole: &str, thousands: &[char], out: &mut String) -> Option<()> {
    if !thousands.iter().any(|mark| whole.contains(*mark)) {
        out.push_str(whole);
        // A point before the fraction is a mark of another dialect.
        return (!whole.contains('.')).then_some(());
    }
    for (index, group) in whole.split(|c| thousands.contains(&c)).enumerate() {
        let length = group.len();
        if length == 0
            || length > 3
            || (index > 0 && length != 3)
            || !group.bytes().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        out.push_str(group);
    }
    Some(())
}

fn is_canonical(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    rest = rest.get(whole..).unwrap_or("");
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        fraction = digits(after);
        rest = after.get(fraction..).unwrap_or("");
    }
    if whole + fraction == 0 {
        return false;
    }
    match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            (1..=4).contains(&exponent.len()) && digits(exponent) == exponent.len()
        }
        None => rest.is_empty(),
    }
}

/// A canonical number in units of its `scale`th decimal; nothing when digits would be lost
/// or 128 bits do not hold it.
fn unscaled(number: &str, scale: u8) -> Option<i128> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (number, 0),
    };
    let (negative, body) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa),
    };
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let mut units: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        units = units
            .checked_mul(10)?
            .checked_add(i128::from(digit.wrapping_sub(b'0')))?;
    }
    let mut shift = i32::from(scale) + exponent - i32::try_from(fraction.len()).ok()?;
    while shift > 0 && units != 0 {
        units = units.checked_mul(10)?;
        shift -= 1;
    }
    while shift < 0 && units != 0 {
        if units % 10 != 0 {
            return None;
        }
        units /= 10;
        shift += 1;
    }
    Some(if negative { -units } else { units })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::ColumnType;
    use crate::values::value;

    fn read(text: &str, kind: ColumnType, dialect: &Dialect) -> Option<Value> {
        value(text, kind, dialect, false).ok()
    }

    #[test]
    fn whole_numbers() {
        let dialect = Dialect::default();
        let cases = [
            ("42", Some(42)),
            (" -7 ", Some(-7)),
            ("+7", Some(7)),
            ("12-", Some(-12)),
            ("5.000", Some(5)),
            ("１２３", Some(123)),
            ("\u{a0}8\u{a0}", Some(8)),
            ("1e3", Some(1000)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("5.5", None),
            ("1,000", None),
            ("", None),
            ("0x10", None),
            ("1 000", None),
            ("-", None),
            (".", None),
            ("1e99999", None),
        ];
        for (text, wanted) in cases {
            let got = match read(text, ColumnType::Integer, &dialect) {
                Some(Value::Integer(number)) => Some(number),
                _ => None,
            };
            assert_eq!(got, wanted, "{text}");
        }
    }

    #[test]
    fn numbers_by_mark() {
        let german = Dialect {
            decimal: DecimalMark::Comma,
            thousands: vec!['.'],
            ..Dialect::default()
        };
        let swiss = Dialect {
            thousands: vec!['\'', '\u{2019}'],
            ..Dialect::default()
        };
        let comma = Dialect {
            decimal: DecimalMark::Comma,
            ..Dialect::default()
        };
        let detect = Dialect {
            decimal: DecimalMark::Detect,
            ..Dialect::default()
        };
        let point = Dialect::default();
        let yen = Dialect {
            thousands: vec![','],
            signs: vec!["¥".to_owned(), "円".to_owned()],
            ..Dialect::default()
        };
        let cases: [(&Dialect, &str, Option<f64>); 30] = [
            (&german, "1.234,50", Some(1234.5)),
            (&german, "1234,5", Some(1234.5)),
            (&german, "1.5", None),
            (&comma, "0.50", None),
            (&comma, "0,50", Some(0.5)),
            (&german, "-1.234.567", Some(-1_234_567.0)),
            (&yen, "￥１，２３４", Some(1234.0)),
            (&yen, "¥1,234", Some(1234.0)),
            (&yen, "-¥1,234", Some(-1234.0)),
            (&yen, "▲1,234円", Some(-1234.0)),
            (&yen, "(1,234)", Some(-1234.0)),
            (&yen, "1,234 円-", Some(-1234.0)),
            (&yen, "--1", None),
            (&yen, "円", None),
            (&swiss, "1'234.50", Some(1234.5)),
            (&swiss, "1’234", Some(1234.0)),
            (&swiss, "12'34", None),
            (&point, "1e3", Some(1000.0)),
            (&point, "NaN", None),
            (&point, "inf", None),
            (&point, "1e999", None),
            (&point, "１．５", Some(1.5)),
            (&point, "12.50-", Some(-12.5)),
            (&point, "1,5", None),
            (&detect, "1.234,5", Some(1234.5)),
            (&detect, "1,234.5", Some(1234.5)),
            (&detect, "1,5", Some(1.5)),
            (&detect, "1,234", None),
            (&detect, "1 234,5", Some(1234.5)),
            (&detect, "1.234.567", Some(1_234_567.0)),
        ];
        for (dialect, text, wanted) in cases {
            assert_eq!(
                read(text, ColumnType::Number, dialect),
                wanted.map(Value::Number),
                "{text}"
            );
        }
    }

    #[test]
    fn decimals_are_exact() {
        let dialect = Dialect::default();
        let kind = ColumnType::Decimal {
            precision: 6,
            scale: 2,
        };
        let cases = [
            ("1234.56", Some(123_456)),
            ("0.10", Some(10)),
            ("-3", Some(-300)),
            ("1.500", Some(150)),
            ("1.505", None),
            ("10000", None),
            ("1e2", Some(10_000)),
        ];
        for (text, wanted) in cases {
            assert_eq!(
                read(text, kind, &dialect),
                wanted.map(Value::Decimal),
                "{text}"
            );
        }
    }
}
