//! Names: one validator, and a type for each thing that has a name.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Longest name in bytes: it becomes a file name, a SQL name and a column of every report.
pub const NAME_MAX_BYTES: usize = 63;

/// Which characters may follow the first letter of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// Lower-case letters, digits and `_`: the name is written in SQL without quotes.
    Sql,
    /// Lower-case letters, digits, `_` and `-`: the name stands in files only.
    File,
}

impl Alphabet {
    fn allows(self, character: char) -> bool {
        matches!(character, 'a'..='z' | '0'..='9' | '_') || (self == Self::File && character == '-')
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Sql => "a lower-case letter, then lower-case letters, digits or `_`",
            Self::File => "a lower-case letter, then lower-case letters, digits, `_` or `-`",
        }
    }
}

/// A text that cannot be the name it was given as.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A character that the alphabet of this kind of name does not have.
    #[error("`{text}` cannot be the name of a {what}: a name is {rule}")]
    Character {
        /// What should have been named: `plugin`.
        what: &'static str,
        /// The text as written, cut to a readable length.
        text: String,
        /// The rule in words.
        rule: &'static str,
    },
    /// The name is longer than [`NAME_MAX_BYTES`].
    #[error(
        "the name of a {what} is too long: {length_bytes} bytes, and {NAME_MAX_BYTES} are allowed"
    )]
    Length {
        /// What should have been named.
        what: &'static str,
        /// How long the text is.
        length_bytes: usize,
    },
    /// A table name that does not consist of two names and a dot.
    #[error("`{text}` is not the name of a table: write `schema.table`")]
    Unqualified {
        /// The text as written, cut to a readable length.
        text: String,
    },
    /// A text that is not a run id.
    #[error("`{text}` is not a run id")]
    RunId {
        /// The text as written, cut to a readable length.
        text: String,
    },
}

impl NameError {
    /// The nearest text that would be a name, where lower case and `_` are all it takes.
    pub fn repaired(&self) -> Option<String> {
        let Self::Character { text, rule, .. } = self else {
            return None;
        };
        let alphabet = if *rule == Alphabet::File.rule() {
            Alphabet::File
        } else {
            Alphabet::Sql
        };
        let better: String = text
            .to_lowercase()
            .chars()
            .map(|c| {
                if matches!(c, ' ' | '.' | '-') && !alphabet.allows(c) {
                    '_'
                } else {
                    c
                }
            })
            .collect();
        valid("name", &better, alphabet).is_ok().then_some(better)
    }
}

/// The one validator: every name of every kind has passed here.
pub fn valid(what: &'static str, text: &str, alphabet: Alphabet) -> Result<(), NameError> {
    let starts_well = text.starts_with(|c: char| c.is_ascii_lowercase());
    if !starts_well || !text.chars().all(|c| alphabet.allows(c)) {
        return Err(NameError::Character {
            what,
            text: shortened(text),
            rule: alphabet.rule(),
        });
    }
    if text.len() > NAME_MAX_BYTES {
        return Err(NameError::Length {
            what,
            length_bytes: text.len(),
        });
    }
    Ok(())
}

/// Text from outside, cut so that it cannot fill a screen.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(NAME_MAX_BYTES) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $alphabet:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text if it is a name.
            pub fn try_new(text: &str) -> Result<Self, NameError> {
                valid($what, text, $alphabet)?;
                Ok(Self(text.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::try_new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::try_new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// A pipeline: `great-disconnect`.
    PipelineName, "pipeline", Alphabet::File;
    /// A plugin: `crm-export`.
    PluginName, "plugin", Alphabet::File;
    /// A source; its streams are the tables of the schema with the same name.
    SourceName, "source", Alphabet::Sql;
    /// A sink: `outbox`.
    SinkName, "sink", Alphabet::File;
    /// A delivery: `outreach`.
    DeliveryName, "delivery", Alphabet::File;
    /// An environment: `production`.
    EnvironmentName, "environment", Alphabet::File;
    /// A check: the stem of a file under `checks/`.
    CheckName, "check", Alphabet::File;
    /// A want of a manifest: `exports`.
    WantName, "want", Alphabet::File;
    /// A schema: `ceo`.
    SchemaName, "schema", Alphabet::Sql;
    /// A table without its schema: `suspects`.
    RelationName, "table", Alphabet::Sql;
    /// A function that a plugin gives to SQL: `sentiment`.
    FunctionName, "function", Alphabet::Sql;
    /// A variable of a pipeline, written `$name` in SQL.
    VarName, "variable", Alphabet::Sql;
}

/// A table of the pipeline, shown and parsed as `schema.name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TableName {
    /// The schema.
    pub schema: SchemaName,
    /// The table in its schema.
    pub name: RelationName,
}

impl TableName {
    /// Takes both parts if they are names.
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

/// One execution of a plan: a version 7 UUID, so that ids sort by the time they were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(uuid::Uuid);

impl RunId {
    /// A new id, later than every id this process made before.
    #[expect(
        clippy::new_without_default,
        reason = "two calls give two ids, which no default should"
    )]
    pub fn new() -> Self {
        Self(uuid::Uuid::now_v7())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(
            self.0
                .as_hyphenated()
                .encode_lower(&mut uuid::Uuid::encode_buffer()),
        )
    }
}

impl FromStr for RunId {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        match uuid::Uuid::try_parse(text) {
            Ok(id) if id.get_version_num() == 7 => Ok(Self(id)),
            _ => Err(NameError::RunId {
                text: shortened(text),
            }),
        }
    }
}

impl TryFrom<String> for RunId {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> String {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_may_have_a_hyphen_and_names_in_sql_may_not() {
        assert_eq!(
            PluginName::try_new("crm-export").unwrap().to_string(),
            "crm-export"
        );
        let refused = SourceName::try_new("crm-export").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`crm-export` cannot be the name of a source: a name is a lower-case letter, then lower-case letters, digits or `_`"
        );
        assert_eq!(refused.repaired().as_deref(), Some("crm_export"));
    }

    #[test]
    fn empty_long_and_foreign_texts_are_no_names() {
        for text in ["", "1st", "_x", "Ceo", "a b", "売上", "../x", "a\0"] {
            assert!(SchemaName::try_new(text).is_err(), "{text:?}");
        }
        let long = "a".repeat(NAME_MAX_BYTES + 1);
        assert_eq!(
            SchemaName::try_new(&long).unwrap_err().to_string(),
            "the name of a schema is too long: 64 bytes, and 63 are allowed"
        );
        assert!(SchemaName::try_new(&long[1..]).is_ok());
    }

    #[test]
    fn a_table_has_two_parts() {
        let table: TableName = "ceo.suspects".parse().unwrap();
        assert_eq!(table.to_string(), "ceo.suspects");
        for text in ["suspects", "a.b.c", "ceo.", ".suspects"] {
            assert!(text.parse::<TableName>().is_err(), "{text:?}");
        }
        assert_eq!(serde_json::to_string(&table).unwrap(), "\"ceo.suspects\"");
    }

    #[test]
    fn run_ids_round_trip_and_sort_by_time() {
        let (first, second) = (RunId::new(), RunId::new());
        assert!(first < second);
        assert_eq!(first.to_string().parse::<RunId>().unwrap(), first);
        assert!(
            "67e55044-10b1-426f-9247-bb680e5fe0c8"
                .parse::<RunId>()
                .is_err()
        );
    }
}
