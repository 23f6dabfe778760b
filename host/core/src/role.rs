//! The roles of a plugin.

use std::fmt;

use serde::Serialize;

/// What a component can do for a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Streams of a connector.
    Source,
    /// A function, row by row.
    Scalar,
    /// A function over groups.
    Aggregate,
    /// Relations in, a relation out.
    Table,
    /// Where rows leave.
    Sink,
}

impl Role {
    /// Every role, in the order of the data's way.
    pub const ALL: [Self; 5] = [
        Self::Source,
        Self::Scalar,
        Self::Aggregate,
        Self::Table,
        Self::Sink,
    ];

    /// The word of the contract.
    pub fn word(self) -> &'static str {
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
        f.pad(self.word())
    }
}
