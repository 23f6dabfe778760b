//! The body that a sink makes of a message for an address with a format of its own, as its manifest declares it:
//! the host makes the same and compares.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// Columns without which a body says nothing to anybody.
const NEEDED: [&str; 2] = ["address", "body"];
/// Longest constant text, in characters.
const CONSTANT_MAX: usize = 64;

/// JSON in which each text `$column` stands for the value of the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct BodyMapping(Map<String, Value>);

impl BodyMapping {
    /// # Errors
    /// What a mapping may not be. A constant is a word of the address's format and no text for a person.
    pub(super) fn new(written: Map<String, Value>) -> Result<Self, String> {
        let mapping = Self(written);
        let (mut columns, mut constants) = (Vec::new(), Vec::new());
        for value in mapping.0.values() {
            leaves(value, &mut columns, &mut constants);
        }
        if let Some(needed) = NEEDED.iter().find(|needed| !columns.contains(*needed)) {
            return Err(format!("it has no \"${needed}\""));
        }
        let is_word = |text: &&str| {
            let is_part = |one: char| one.is_ascii_alphanumeric() || "-_./+:".contains(one);
            text.len() <= CONSTANT_MAX && text.chars().all(is_part)
        };
        match constants.into_iter().find(|text| !is_word(text)) {
            Some(text) => Err(format!(
                "`{text}` is no word of up to {CONSTANT_MAX} letters, digits and -_./+:"
            )),
            None => Ok(mapping),
        }
    }

    /// The body for a row; none where the row lacks a column.
    pub(crate) fn body(&self, row: &Map<String, Value>) -> Option<Value> {
        filled_object(&self.0, row).map(Value::Object)
    }
}

impl fmt::Display for BodyMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Value::Object(self.0.clone()))
    }
}

/// The texts of a value: names of columns, and others.
fn leaves<'v>(value: &'v Value, columns: &mut Vec<&'v str>, constants: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => match text.strip_prefix('$') {
            Some(column) => columns.push(column),
            None => constants.push(text),
        },
        Value::Array(items) => {
            for item in items {
                leaves(item, columns, constants);
            }
        }
        Value::Object(members) => {
            for member in members.values() {
                leaves(member, columns, constants);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn filled(value: &Value, row: &Map<String, Value>) -> Option<Value> {
    match value {
        Value::String(text) => match text.strip_prefix('$') {
            Some(column) => row.get(column).cloned(),
            None => Some(value.clone()),
        },
        Value::Array(items) => {
            let items = items.iter().map(|item| filled(item, row));
            items.collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        Value::Object(members) => filled_object(members, row).map(Value::Object),
        other => Some(other.clone()),
    }
}

fn filled_object(
    members: &Map<String, Value>,
    row: &Map<String, Value>,
) -> Option<Map<String, Value>> {
    let members = members
        .iter()
        .map(|(name, value)| Some((name.clone(), filled(value, row)?)));
    members.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mapping(written: &Value) -> Result<BodyMapping, String> {
        BodyMapping::new(written.as_object().unwrap().clone())
    }

    #[test]
    fn a_mapping_gives_the_columns_of_a_row_and_no_text_of_its_own() {
        let row = json!({"address": "a@b.example", "body": "Hello", "subject": null, "order": 7});
        let row = row.as_object().unwrap();
        let written = json!({"to": [{"email": "$address"}], "text": "$body", "about": "$subject",
                             "order": "$order", "category": "notice", "track": false});
        let body = mapping(&written).unwrap().body(row).unwrap();
        assert_eq!(
            body,
            json!({"to": [{"email": "a@b.example"}], "text": "Hello", "about": null, "order": 7,
                   "category": "notice", "track": false})
        );
        for (written, why) in [
            (json!({"text": "$body"}), "it has no \"$address\""),
            (json!({"to": "$address"}), "it has no \"$body\""),
            (
                json!({"to": "$address", "text": "$body", "more": "Pay 5 EUR."}),
                "is no word",
            ),
            (
                json!({"to": "$address", "text": "$body", "more": [{"x": "y".repeat(65)}]}),
                "is no word",
            ),
        ] {
            let error = mapping(&written).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        let other = mapping(&json!({"to": "$address", "text": "$body", "x": "$other"}));
        assert_eq!(other.unwrap().body(row), None);
    }
}
