//! The name of a table in its schema.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::rule::{NameError, shortened};
use super::{RelationName, SchemaName};

/// A table of the pipeline, printed and parsed as `schema.name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName {
    pub schema: SchemaName,
    pub name: RelationName,
}

impl TableName {
    pub fn try_new(schema: &str, name: &str) -> Result<Self, NameError> {
        Ok(Self {
            schema: SchemaName::try_new(schema)?,
            name: RelationName::try_new(name)?,
        })
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}", self.schema, self.name))
    }
}

impl FromStr for TableName {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once('.') {
            Some((schema, name)) if !name.contains('.') => Self::try_new(schema, name),
            _ => Err(NameError::Unqualified {
                text: shortened(text),
            }),
        }
    }
}

impl TryFrom<String> for TableName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<TableName> for String {
    fn from(table: TableName) -> String {
        table.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_two_parts() {
        let table: TableName = "ceo.suspects".parse().unwrap();
        assert_eq!(table.to_string(), "ceo.suspects");
        for text in ["suspects", "a.b.c", "ceo.", ".suspects"] {
            assert!(text.parse::<TableName>().is_err(), "{text:?}");
        }
        assert_eq!(serde_json::to_string(&table).unwrap(), "\"ceo.suspects\"");
    }
}
