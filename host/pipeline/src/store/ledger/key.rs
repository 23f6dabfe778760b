//! What makes two deliveries of a row the same: the key under which the send ledger knows it.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

/// A message: one customer receives one version of one template about one incident once, over
/// whichever delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct MessageKey {
    /// What it is about.
    pub incident: String,
    /// The id of the recipient.
    pub customer: String,
    /// The template and its version: `sole-notice@1`.
    pub template_version: String,
}

/// A record: one delivery hands over each content of a key once.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    delivery: String,
    /// A JSON object of the key columns, by name, their values as text.
    canonical: String,
}

impl RecordKey {
    /// The key of a row: its key columns with their values as text.
    pub fn new(delivery: &str, columns: &BTreeMap<String, String>) -> Self {
        let columns = columns.iter().map(|(column, value)| {
            let value = serde_json::Value::String(value.clone());
            (column.clone(), value)
        });
        let object = serde_json::Value::Object(columns.collect());
        Self::from_canonical(delivery.to_owned(), object.to_string())
    }

    /// The key as the ledger has it.
    pub(super) fn from_canonical(delivery: String, canonical: String) -> Self {
        Self {
            delivery,
            canonical,
        }
    }

    /// The name of the delivery.
    pub fn delivery(&self) -> &str {
        &self.delivery
    }

    /// A JSON object of the key columns.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    fn columns(&self) -> BTreeMap<String, String> {
        // A key of a forgotten person is still an object; anything else shows as it is.
        serde_json::from_str(&self.canonical)
            .unwrap_or_else(|_| BTreeMap::from([("key".to_owned(), self.canonical.clone())]))
    }
}

impl Serialize for RecordKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("RecordKey", 2)?;
        record.serialize_field("delivery", &self.delivery)?;
        record.serialize_field("key", &self.columns())?;
        record.end()
    }
}

/// The key of any row that was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(untagged)]
pub enum LedgerKey {
    /// Of a message to a person.
    Message(MessageKey),
    /// Of a record to a system.
    Record(RecordKey),
}

impl LedgerKey {
    /// The values that identify it in its table of the ledger.
    pub fn parts(&self) -> Vec<&str> {
        match self {
            Self::Message(key) => vec![&key.incident, &key.customer, &key.template_version],
            Self::Record(key) => vec![&key.delivery, &key.canonical],
        }
    }
}

impl From<MessageKey> for LedgerKey {
    fn from(key: MessageKey) -> Self {
        Self::Message(key)
    }
}

impl From<RecordKey> for LedgerKey {
    fn from(key: RecordKey) -> Self {
        Self::Record(key)
    }
}

impl fmt::Display for LedgerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(key) => write!(
                f,
                "{} about {} by {}",
                key.customer, key.incident, key.template_version
            ),
            Self::Record(key) => {
                let columns = key.columns().into_iter();
                let columns: Vec<String> = columns
                    .map(|(column, value)| format!("{column} = {value}"))
                    .collect();
                f.write_str(&columns.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_key_columns_does_not_matter_and_values_cannot_run_together() {
        let key = |columns: &[(&str, &str)]| {
            let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
            RecordKey::new("crm", &columns.iter().map(owned).collect())
        };
        let one = key(&[("b", "2"), ("a", "1")]);
        assert_eq!(one.canonical(), r#"{"a":"1","b":"2"}"#);
        assert_eq!(one, key(&[("a", "1"), ("b", "2")]));
        assert_eq!(LedgerKey::from(one).to_string(), "a = 1, b = 2");
        assert_ne!(
            key(&[("a", "1\",\"b\":\"2"), ("b", "3")]),
            key(&[("a", "1"), ("b", "2\",\"b\":\"3")])
        );
    }
}
