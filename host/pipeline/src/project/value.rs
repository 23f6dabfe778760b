//! Typed values of variables, and the types a column of a seed may have.

use std::fmt;
use std::hash::{Hash, Hasher};

use chrono::NaiveDate;
use serde::{Serialize, Serializer};
use toml::de::DeValue;

/// A value that SQL sees as `$name`.
#[derive(Clone, Debug)]
pub enum ConfigValue {
    Text(String),
    /// 64-bit integer.
    Integer(i64),
    /// 64-bit float; never NaN or infinite.
    Float(f64),
    Boolean(bool),
    Date(NaiveDate),
}

impl ConfigValue {
    /// The type in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) => "integer",
            Self::Float(_) => "float",
            Self::Boolean(_) => "boolean",
            Self::Date(_) => "date",
        }
    }
}

// Floats are compared by their bits: a fingerprint must see every change.
impl PartialEq for ConfigValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a.to_bits() == b.to_bits(),
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for ConfigValue {}

impl Hash for ConfigValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind().hash(state);
        match self {
            Self::Text(text) => text.hash(state),
            Self::Integer(number) => number.hash(state),
            Self::Float(number) => number.to_bits().hash(state),
            Self::Boolean(truth) => truth.hash(state),
            Self::Date(day) => day.hash(state),
        }
    }
}

impl fmt::Display for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Date(day) => write!(f, "{day}"),
        }
    }
}

impl Serialize for ConfigValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Boolean(truth) => serializer.serialize_bool(*truth),
            Self::Date(day) => serializer.collect_str(day),
        }
    }
}

/// The type of a column of a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub enum ColumnType {
    /// utf8, the type of every column that is not named.
    Text,
    /// 64-bit integer.
    Integer,
    /// 64-bit float.
    Float,
    /// `true` or `false`.
    Boolean,
    /// `2026-03-31`.
    Date,
    /// `2026-03-31 08:30:00`, without a zone.
    Timestamp,
    /// Digits in all, and digits after the point.
    Decimal(u8, u8),
}

/// Most digits of a decimal.
const DECIMAL_DIGITS_MAX: u8 = 38;

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Integer => f.write_str("integer"),
            Self::Float => f.write_str("float"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Decimal(digits, scale) => write!(f, "decimal({digits}, {scale})"),
        }
    }
}

impl From<ColumnType> for String {
    fn from(kind: ColumnType) -> Self {
        kind.to_string()
    }
}

impl ColumnType {
    /// The words for the types.
    pub const WORDS: [&str; 7] = [
        "text",
        "integer",
        "float",
        "boolean",
        "date",
        "timestamp",
        "decimal(digits, scale)",
    ];

    /// The type with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "text" => Self::Text,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            other => {
                let parts = other.strip_prefix("decimal(")?.strip_suffix(')')?;
                let (digits, scale) = parts.split_once(',')?;
                let (digits, scale) = (digits.trim().parse().ok()?, scale.trim().parse().ok()?);
                let fits = (1..=DECIMAL_DIGITS_MAX).contains(&digits) && scale <= digits;
                return fits.then_some(Self::Decimal(digits, scale));
            }
        })
    }
}

/// A TOML value that is one typed scalar.
pub(super) fn scalar(value: &DeValue<'_>) -> Option<ConfigValue> {
    Some(match value {
        DeValue::String(text) => ConfigValue::Text(text.as_ref().to_owned()),
        DeValue::Integer(number) => {
            ConfigValue::Integer(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
        }
        DeValue::Float(number) => ConfigValue::Float(
            number
                .as_str()
                .parse()
                .ok()
                .filter(|n: &f64| n.is_finite())?,
        ),
        DeValue::Boolean(truth) => ConfigValue::Boolean(*truth),
        DeValue::Datetime(time) if time.time.is_none() => {
            ConfigValue::Date(time.to_string().parse().ok()?)
        }
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => return None,
    })
}

/// A value as JSON: keys in their order, dates as text.
pub(super) fn json(value: &DeValue<'_>) -> serde_json::Value {
    match value {
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let entries = table
                .iter()
                .map(|(key, value)| (key.get_ref().as_ref().to_owned(), json(value.get_ref())));
            serde_json::Value::Object(entries.collect())
        }
        DeValue::Datetime(time) => time.to_string().into(),
        other => match scalar(other) {
            Some(ConfigValue::Text(text)) => text.into(),
            Some(ConfigValue::Integer(number)) => number.into(),
            Some(ConfigValue::Float(number)) => number.into(),
            Some(ConfigValue::Boolean(truth)) => truth.into(),
            // JSON has no word for infinity, nor for an integer beyond 64 bits.
            Some(ConfigValue::Date(_)) | None => shown(other).into(),
        },
    }
}

/// A value as part of a sentence.
pub(super) fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => text.as_ref().to_owned(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) => "[…]".into(),
        DeValue::Table(_) => "{…}".into(),
    }
}

/// The type of a value in words.
pub(super) fn words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
