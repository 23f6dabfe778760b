//! One JSON object to the fields of a row.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::mapping::StreamMapping;

/// The fields of one object, in the order of the mapping's columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
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
pub(crate) struct Refused {
    /// The column's name.
    pub column: Option<String>,
    /// Stable and short.
    pub code: &'static str,
    /// For people.
    pub reason: String,
}

/// Digits that a 64-bit float keeps.
const FLOAT_DIGITS: usize = 15;
/// What stands before the digits of a number that is kept as a string.
const NUMBER: char = '\u{1}';

impl Fields {
    /// Takes one line. Columns are found by key, or by a path with dots between keys.
    pub(crate) fn read(&mut self, line: &str, stream: &StreamMapping) -> Result<(), Refused> {
        let refused = |code, reason: String| Refused {
            column: None,
            code,
            reason,
        };
        let value: Value = serde_json::from_str(&exact(line))
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
            let mut plain = matches!(found, Some(Value::Number(_) | Value::Bool(_)));
            match found {
                None | Some(Value::Null) => {}
                Some(Value::String(text)) => {
                    let number = text.strip_prefix(NUMBER);
                    plain = number.is_some();
                    self.text.push_str(number.unwrap_or(text));
                }
                Some(other) => self.text.push_str(&unmarked(other.to_string())),
            }
            self.ends.push(self.text.len());
            self.plain.push(plain);
        }
        object.retain(|key, _| !claimed(stream, key));
        self.extra = object;
        Ok(())
    }
}

/// A line whose numbers of more digits than a float keeps are strings, so that none is lost. Such a
/// string begins with [`NUMBER`].
fn exact(line: &str) -> Cow<'_, str> {
    let is_part =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let bytes = line.as_bytes();
    let (mut out, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(byte) = bytes.get(at) {
        if *byte == b'"' {
            at = behind_string(bytes, at);
            continue;
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let digits = rest
            .iter()
            .take(length)
            .filter(|byte| byte.is_ascii_digit())
            .count();
        if let Some(number) = line.get(at..at + length)
            && digits > FLOAT_DIGITS
            && number.parse::<i64>().is_err()
            && serde_json::from_str::<serde_json::Number>(number).is_ok()
        {
            out.push_str(line.get(copied..at).unwrap_or(""));
            out.push_str(&format!("\"\\u0001{number}\""));
            copied = at + length;
        }
        at += length.max(1);
    }
    if copied == 0 {
        return Cow::Borrowed(line);
    }
    out.push_str(line.get(copied..).unwrap_or(""));
    Cow::Owned(out)
}

/// Behind the string that begins here.
fn behind_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// JSON in which the numbers that [`exact`] kept as strings are numbers again.
pub(crate) fn unmarked(json: String) -> String {
    const START: &str = "\"\\u0001";
    if !json.contains(START) {
        return json;
    }
    let mut parts = json.split(START);
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (number, rest) = part.split_once('"').unwrap_or((part, ""));
        out.push_str(number);
        out.push_str(rest);
    }
    out
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
