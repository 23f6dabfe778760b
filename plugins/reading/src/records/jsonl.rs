//! One JSON object to the fields of a row.

use serde_json::{Map, Value};

use crate::mapping::{ColumnType, StreamMapping};

/// The fields of one object, in the order of the mapping's columns.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// All fields' text, one behind the other.
    pub text: String,
    /// Where each ends.
    pub ends: Vec<usize>,
    /// Whether the field was a JSON number or boolean, written as JSON writes them.
    pub plain: Vec<bool>,
    /// Keys at the top that no column claims, with their values.
    pub extra: Map<String, Value>,
}

/// Why a line gives no row: the column at fault if there is one, a code and a reason.
pub struct Refused {
    /// The column's name.
    pub column: Option<String>,
    /// Stable and short.
    pub code: &'static str,
    /// For people.
    pub reason: String,
}

/// Digits that a 64-bit float keeps.
const FLOAT_DIGITS: usize = 15;

impl Fields {
    /// Takes one line. Columns are found by key, or by a path with dots between keys.
    pub fn read(&mut self, line: &str, stream: &StreamMapping) -> Result<(), Refused> {
        let refused = |code, reason: String| Refused {
            column: None,
            code,
            reason,
        };
        let value: Value = serde_json::from_str(line)
            .map_err(|error| refused("bad-json", format!("not JSON: {error}")))?;
        let Value::Object(mut object) = value else {
            return Err(refused(
                "bad-json",
                "the line is JSON but no object".to_owned(),
            ));
        };
        self.text.clear();
        self.ends.clear();
        self.plain.clear();
        for column in &stream.columns {
            let found = column
                .headings
                .iter()
                .find_map(|heading| look_up(&object, heading));
            let plain = matches!(found, Some(Value::Number(_) | Value::Bool(_)));
            match found {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => self.text.push_str(text),
                Some(Value::Number(number)) => {
                    let number = number.to_string();
                    let digits = number.bytes().filter(u8::is_ascii_digit).count();
                    let exact = matches!(
                        column.kind,
                        ColumnType::Decimal { .. } | ColumnType::Integer
                    );
                    if exact && digits > FLOAT_DIGITS && number.contains(['.', 'e', 'E']) {
                        let reason = format!(
                            "{number} has more digits than a JSON number keeps; write it as a string"
                        );
                        return Err(Refused {
                            column: Some(column.name.clone()),
                            code: "bad-number",
                            reason,
                        });
                    }
                    self.text.push_str(&number);
                }
                Some(other) => self.text.push_str(&other.to_string()),
            }
            self.ends.push(self.text.len());
            self.plain.push(plain);
        }
        object.retain(|key, _| !claimed(stream, key));
        self.extra = object;
        Ok(())
    }
}

fn claimed(stream: &StreamMapping, key: &str) -> bool {
    let of = |heading: &String| {
        heading == key
            || heading
                .split_once('.')
                .is_some_and(|(first, _)| first == key)
    };
    stream
        .columns
        .iter()
        .any(|column| column.headings.iter().any(of))
}

fn look_up<'v>(object: &'v Map<String, Value>, heading: &str) -> Option<&'v Value> {
    if let Some(value) = object.get(heading) {
        return Some(value);
    }
    let (first, rest) = heading.split_once('.')?;
    within(object.get(first)?, rest)
}

/// A path inside a value: keys of objects, and numbers (from 0) of elements of arrays.
fn within<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    match value {
        Value::Object(object) => look_up(object, path),
        Value::Array(elements) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            let element = elements.get(first.parse::<usize>().ok()?)?;
            if rest.is_empty() {
                Some(element)
            } else {
                within(element, rest)
            }
        }
        _ => None,
    }
}
