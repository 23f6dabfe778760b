//! The roles of a plugin.

use std::fmt;

use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads streams of rows.
    Source,
    /// Computes a value for each row.
    Scalar,
    /// Computes a value for each group.
    Aggregate,
    /// Turns relations into a relation.
    Table,
    /// Writes rows elsewhere.
    Sink,
}

impl Role {
    /// In the order in which data passes them.
    pub const ALL: [Self; 5] = [
        Self::Source,
        Self::Scalar,
        Self::Aggregate,
        Self::Table,
        Self::Sink,
    ];

    /// The name of its interface in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Scalar => "scalar",
            Self::Aggregate => "aggregate",
            Self::Table => "table",
            Self::Sink => "sink",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
