//! Typed values of variables, and the types a column of a seed may have.

use std::fmt;
use std::hash::{Hash, Hasher};

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

/// A value that SQL sees as `$name`.
#[derive(Clone, Debug)]
pub enum Value {
    /// utf8.
    Text(String),
    /// 64-bit integer.
    Integer(i64),
    /// 64-bit float; never NaN or infinite.
    Float(f64),
    /// Boolean.
    Boolean(bool),
    /// A day.
    Date(NaiveDate),
}

impl Value {
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
impl PartialEq for Value {
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

impl Eq for Value {}

impl Hash for Value {
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

impl fmt::Display for Value {
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

impl Serialize for Value {
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
#[serde(rename_all = "lowercase")]
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
}

impl ColumnType {
    /// The words for the types, in the order of [`ColumnType::parse`].
    pub const WORDS: [&str; 5] = ["text", "integer", "float", "boolean", "date"];

    /// The type with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "text" => Self::Text,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            _ => return None,
        })
    }
}
