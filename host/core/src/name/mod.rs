//! Names: a type for each thing that has one.

mod rule;
mod run_id;
mod table;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use rule::{Alphabet, NAME_MAX_BYTES, NameError};
pub use run_id::RunId;
pub use table::TableName;

use rule::valid;

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $alphabet:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn try_new(text: &str) -> Result<Self, NameError> {
                valid($what, text, $alphabet)?;
                Ok(Self(text.into()))
            }

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
    /// A function that a plugin adds to SQL: `sentiment`.
    FunctionName, "function", Alphabet::Sql;
    /// A variable of a pipeline, written `$name` in SQL.
    VarName, "variable", Alphabet::Sql;
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
}
