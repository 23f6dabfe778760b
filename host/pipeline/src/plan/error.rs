//! Errors of a pipeline as a whole, when each file alone is right.

use tsugi_core::diagnostic::{Blame, Explain, did_you_mean};
use tsugi_core::name::{CheckName, DeliveryName, TableName, VarName};

/// What names a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum User {
    Model(TableName),
    Check(CheckName),
    Delivery(DeliveryName),
    /// A key of `[tables]`.
    Tables(&'static str),
}

impl std::fmt::Display for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Model(table) => write!(f, "the model `{table}`"),
            Self::Check(name) => write!(f, "the check `{name}`"),
            Self::Delivery(name) => write!(f, "the delivery `{name}`"),
            Self::Tables(key) => write!(f, "`{key}` of `[tables]`"),
        }
    }
}

/// Every error of building a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlanError {
    /// A table that nothing makes.
    #[error("there is no table `{table}`")]
    UnknownTable {
        table: String,
        /// Tables that may be meant.
        nearest: Vec<String>,
        user: User,
    },
    /// Models that need each other.
    #[error("these models need each other: {}", path.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(" -> "))]
    Cycle {
        /// From a model back to itself.
        path: Vec<TableName>,
        /// Where each names the next: `models/a/x.sql:3:6`.
        places: Vec<String>,
    },
    /// A variable that the pipeline does not have.
    #[error("{user} uses `${var}`, which is no variable of the pipeline")]
    UnknownVar {
        /// Without its `$`.
        var: VarName,
        /// Variables that may be meant.
        nearest: Vec<String>,
        user: User,
    },
    /// A table that is read where it lies and never published.
    #[error("{user} names `{table}`, which is read from its Parquet file and never published")]
    NotPublished {
        /// A delivery or a key of `[tables]`.
        user: User,
        /// A table of a source.
        table: TableName,
    },
    /// A delivery names a view.
    #[error("{user} names `{table}`, which is a view: it is never published")]
    IsView {
        user: User,
        table: TableName,
        /// The file of the view.
        file: String,
    },
    /// The resolver returned no facts about something that the project has.
    #[error("nothing is known about {what} `{name}`")]
    NoFacts {
        /// `the model`, `the component of the plugin`, …
        what: &'static str,
        name: String,
    },
}

impl Explain for PlanError {
    fn code(&self) -> &'static str {
        match self {
            Self::UnknownTable { .. } => "plan::unknown-table",
            Self::Cycle { .. } => "plan::cycle",
            Self::UnknownVar { .. } => "plan::unknown-variable",
            Self::NotPublished { .. } => "plan::not-published",
            Self::IsView { .. } => "plan::is-view",
            Self::NoFacts { .. } => "plan::no-facts",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::NoFacts { .. } => Blame::Host,
            _ => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownTable { table, nearest, .. } => did_you_mean(nearest).or_else(|| {
                let file = table.replacen('.', "/", 1);
                Some(format!(
                    "write `models/{file}.sql`, or name the source that has it in pipeline.toml"
                ))
            }),
            Self::Cycle { places, .. } => Some(format!(
                "take one of these references out: {}",
                places.join(", ")
            )),
            Self::UnknownVar { var, nearest, .. } => {
                let named: Vec<String> = nearest.iter().map(|name| format!("${name}")).collect();
                did_you_mean(&named)
                    .or_else(|| Some(format!("add `{var}` to `[vars]` in pipeline.toml")))
            }
            Self::NotPublished { table, .. } => Some(format!(
                "write a model that selects from `{table}`, and name that"
            )),
            Self::IsView { file, .. } => Some(format!(
                "delete `-- @kind view` in {file}, or name a table that selects from it"
            )),
            Self::NoFacts { .. } => {
                Some("this is a defect of tsugi: please report it with the command you ran".into())
            }
        }
    }
}
