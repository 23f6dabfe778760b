//! Single values of any type: for group keys, for output by name, for JSON.
use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::array::Data;
use crate::calendar::{Date, Timestamp};
use crate::schema::DataType;
use crate::view::Column;

/// `unscaled / 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    pub unscaled: i128,
    /// How many of them are behind the point.
    pub scale: i8,
}

impl Decimal {
    pub fn as_f64(self) -> f64 {
        self.unscaled as f64 / 10_f64.powi(i32::from(self.scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.unscaled.unsigned_abs().to_string();
        let sign = if self.unscaled < 0 { "-" } else { "" };
        let Ok(scale) = usize::try_from(self.scale) else {
            let zeros = "0".repeat(usize::from(self.scale.unsigned_abs()));
            return write!(f, "{sign}{digits}{zeros}");
        };
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// One value of a column of any type.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    /// A signed integer of any width.
    Int(i64),
    /// An unsigned integer of any width.
    UInt(u64),
    /// A float of either width.
    Float(f64),
    Decimal(Decimal),
    Date(Date),
    Timestamp(Timestamp),
    Text(&'a str),
    Bytes(&'a [u8]),
    /// A list; a map is a list of structs of key and value.
    List(Vec<Value<'a>>),
    /// A struct, by name.
    Struct(Vec<(&'a str, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// As text: a text as it is, dates in ISO 8601, lists and structs as JSON; none for null.
    pub fn text(&self) -> Option<Cow<'a, str>> {
        Some(match self {
            Self::Null => return None,
            Self::Text(text) => Cow::Borrowed(*text),
            Self::Date(date) => Cow::Owned(date.to_string()),
            Self::Timestamp(at) => Cow::Owned(at.to_string()),
            Self::Float(number) => Cow::Owned(number.to_string()),
            other => {
                let mut json = String::new();
                other.json(&mut json);
                Cow::Owned(json)
            }
        })
    }

    /// As a number, from any number or boolean; none for all else.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Self::Int(number) => Some(*number as f64),
            Self::UInt(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            Self::Decimal(decimal) => Some(decimal.as_f64()),
            _ => None,
        }
    }

    /// Appends it as JSON. Bytes become hexadecimal; a float that JSON has no word for, null.
    pub fn json(&self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = match self {
            Self::Null => out.write_str("null"),
            Self::Bool(truth) => write!(out, "{truth}"),
            Self::Int(number) => write!(out, "{number}"),
            Self::UInt(number) => write!(out, "{number}"),
            Self::Float(number) if number.is_finite() => write!(out, "{number:?}"),
            Self::Float(_) => out.write_str("null"),
            Self::Decimal(decimal) => write!(out, "{decimal}"),
            Self::Date(date) => write!(out, "\"{date}\""),
            Self::Timestamp(at) => write!(out, "\"{at}\""),
            Self::Text(text) => {
                json_text(text, out);
                Ok(())
            }
            Self::Bytes(bytes) => {
                out.push('"');
                for byte in *bytes {
                    let _ = write!(out, "{byte:02x}");
                }
                out.write_str("\"")
            }
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    item.json(out);
                }
                out.write_str("]")
            }
            Self::Struct(fields) => {
                out.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    json_text(name, out);
                    out.push(':');
                    value.json(out);
                }
                out.write_str("}")
            }
        };
    }
}

fn json_text(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

impl<'a> Column<'a> {
    /// The value of a row; null beyond the end.
    pub fn value(&self, row: usize) -> Value<'a> {
        if row >= self.len() || self.is_null(row) {
            return Value::Null;
        }
        self.value_of(row).unwrap_or(Value::Null)
    }

    fn value_of(&self, row: usize) -> Option<Value<'a>> {
        let array = self.array;
        Some(match (&self.field.data_type, &array.data) {
            (DataType::I8, _) => Value::Int((*array.values::<i8>().get(row)?).into()),
            (DataType::I16, _) => Value::Int((*array.values::<i16>().get(row)?).into()),
            (DataType::I32, _) => Value::Int((*array.values::<i32>().get(row)?).into()),
            (DataType::I64, _) => Value::Int(*array.values().get(row)?),
            (DataType::U8, _) => Value::UInt((*array.values::<u8>().get(row)?).into()),
            (DataType::U16, _) => Value::UInt((*array.values::<u16>().get(row)?).into()),
            (DataType::U32, _) => Value::UInt((*array.values::<u32>().get(row)?).into()),
            (DataType::U64, _) => Value::UInt(*array.values().get(row)?),
            (DataType::F32, _) => Value::Float((*array.values::<f32>().get(row)?).into()),
            (DataType::F64, _) => Value::Float(*array.values().get(row)?),
            (DataType::Date, _) => Value::Date(Date(*array.values().get(row)?)),
            (DataType::Timestamp { .. }, _) => {
                Value::Timestamp(Timestamp(*array.values().get(row)?))
            }
            (DataType::Decimal { scale, .. }, _) => Value::Decimal(Decimal {
                unscaled: *array.values().get(row)?,
                scale: *scale,
            }),
            (_, Data::Bool(_)) => Value::Bool(self.bool().ok()?.raw(row)?),
            (_, Data::Utf8 { .. }) => Value::Text(self.utf8().ok()?.raw(row)?),
            (_, Data::Binary { .. }) => Value::Bytes(self.binary().ok()?.raw(row)?),
            (_, Data::List { .. }) => {
                let list = self.list().ok()?;
                Value::List(list.raw(row)?.map(|item| list.items.value(item)).collect())
            }
            (_, Data::Struct(_)) => {
                let named = |child: Column<'a>| (child.name(), child.value(row));
                Value::Struct(self.children().ok()?.into_iter().map(named).collect())
            }
            // Intervals of two or three parts are no one number.
            (DataType::Other { format, width }, Data::Fixed(values))
                if matches!(format.as_str(), "tiD" | "tin") =>
            {
                let from = row.checked_mul(*width)?;
                Value::Bytes(values.bytes().get(from..from + width)?)
            }
            (DataType::Other { width: 4, .. }, _) => {
                Value::Int((*array.values::<i32>().get(row)?).into())
            }
            (DataType::Other { .. }, _) => Value::Int(*array.values().get(row)?),
            (_, Data::Fixed(_)) => return None,
        })
    }

    /// The value of a row as text (see [`Value::text`]): what group keys are made of.
    pub fn text(&self, row: usize) -> Option<Cow<'a, str>> {
        self.value(row).text()
    }

    /// The value of a row as a number (see [`Value::number`]).
    pub fn number(&self, row: usize) -> Option<f64> {
        self.value(row).number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_text() {
        let text = |value: Value<'_>| value.text().map(Cow::into_owned);
        assert_eq!(text(Value::Null), None);
        assert_eq!(
            text(Value::Decimal(Decimal {
                unscaled: -5,
                scale: 2
            }))
            .unwrap(),
            "-0.05"
        );
        assert_eq!(
            text(Value::Decimal(Decimal {
                unscaled: 12_345,
                scale: 2
            }))
            .unwrap(),
            "123.45"
        );
        assert_eq!(
            text(Value::Decimal(Decimal {
                unscaled: 12,
                scale: -2
            }))
            .unwrap(),
            "1200"
        );
        assert_eq!(text(Value::Float(1.5)).unwrap(), "1.5");
        assert_eq!(text(Value::Bytes(&[1, 255])).unwrap(), "\"01ff\"");
        let nested = Value::Struct(vec![
            ("a\"b", Value::Text("x\n\u{1}")),
            (
                "list",
                Value::List(vec![Value::Int(1), Value::Null, Value::Float(f64::NAN)]),
            ),
        ]);
        assert_eq!(
            text(nested).unwrap(),
            r#"{"a\"b":"x\n\u0001","list":[1,null,null]}"#
        );
    }
}
