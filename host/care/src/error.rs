//! What can stop a command that concerns people.

use tsugi_core::diagnostic::{Blame, Diagnostic, Explain, did_you_mean};
use tsugi_core::name::TableName;
use tsugi_pipeline::run::RunError;
use tsugi_pipeline::store::WarehouseError;

/// Every failure of this layer.
#[derive(Debug, thiserror::Error)]
pub enum CareError {
    #[error(transparent)]
    Run(#[from] RunError),
    /// The table that a delivery names for complaints has not the columns that count them.
    #[error("`{table}` does not tell how many complained: {what}")]
    NoComplaints {
        table: TableName,
        /// What is missing or wrong.
        what: String,
    },
    /// pipeline.toml names no table for what a verb shows.
    #[error("pipeline.toml does not say which table is `{key}`")]
    NoTable {
        /// The key of `[tables]`.
        key: &'static str,
    },
    /// A published table has no such column.
    #[error("`{table}` has no column `{column}`")]
    NoColumn {
        table: TableName,
        /// As typed.
        column: String,
        /// Columns that may be meant.
        near: Vec<String>,
    },
    /// No review has this id now.
    #[error("there is no review `{review}`")]
    NoReview {
        /// As typed.
        review: String,
    },
    /// No table, file or log has a person of this id.
    #[error("nothing is known of `{person}`")]
    UnknownPerson {
        /// As typed.
        person: String,
    },
    /// The published tables have no customer of this id.
    #[error("nothing is known of the customer `{customer}`, so nothing was noted")]
    UnknownCustomer {
        /// As typed.
        customer: String,
    },
    /// The pair of a note is not one of the customer.
    #[error("`{serial}` is no pair of `{customer}`, so nothing was noted")]
    NotTheirs {
        /// As typed.
        customer: String,
        serial: String,
    },
    /// A person may not note this.
    #[error("`{by}` may not note this: {what}")]
    MayNotNote {
        by: String,
        /// The rule that forbids it.
        what: String,
        /// Names like theirs that are known.
        near: Vec<String>,
    },
    /// The pipeline does not say which column names the person that a row is about.
    #[error("the pipeline does not say which column is the person")]
    NoSubject,
    /// A person may not take this decision.
    #[error("`{by}` may not decide this: {what}")]
    MayNotDecide {
        by: String,
        /// The rule that forbids it.
        what: String,
        /// Names like theirs that are known.
        near: Vec<String>,
    },
}

impl From<WarehouseError> for CareError {
    fn from(error: WarehouseError) -> Self {
        Self::Run(error.into())
    }
}

impl From<ducklake::Error> for CareError {
    fn from(error: ducklake::Error) -> Self {
        Self::Run(error.into())
    }
}

impl From<tsugi_pipeline::query::QueryError> for CareError {
    fn from(error: tsugi_pipeline::query::QueryError) -> Self {
        Self::Run(error.into())
    }
}

impl CareError {
    /// The findings to show.
    pub fn findings(&self) -> Vec<Diagnostic> {
        match self {
            Self::Run(error) => error.findings(),
            other => vec![Diagnostic::of(other)],
        }
    }

    /// Whether pipeline.toml or the SQL must change before anything can run.
    pub fn is_compile(&self) -> bool {
        match self {
            Self::Run(error) => error.is_compile(),
            Self::NoSubject | Self::NoTable { .. } => true,
            _ => false,
        }
    }
}

impl Explain for CareError {
    fn code(&self) -> &'static str {
        match self {
            Self::Run(error) => error.code(),
            Self::NoComplaints { .. } => "care::no-complaints",
            Self::NoTable { .. } => "care::no-table",
            Self::NoColumn { .. } => "care::no-column",
            Self::NoReview { .. } => "care::no-review",
            Self::UnknownPerson { .. } => "care::unknown-person",
            Self::NoSubject => "care::no-subject",
            Self::MayNotDecide { .. } => "care::may-not-decide",
            Self::UnknownCustomer { .. } => "care::unknown-customer",
            Self::NotTheirs { .. } => "care::not-theirs",
            Self::MayNotNote { .. } => "care::may-not-note",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Run(error) => error.blame(),
            _ => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Run(error) => error.hint(),
            Self::NoReview { .. } => Some(
                "list the reviews again: an edit of the text or the audience makes another one"
                    .into(),
            ),
            Self::UnknownPerson { .. } => Some(
                "an id is compared as it is written, small and capital letters too; nothing was changed"
                    .into(),
            ),
            Self::NoSubject => {
                Some("add to pipeline.toml: [personal] with subject = \"customer_id\"".into())
            }
            Self::MayNotDecide { near, .. } => did_you_mean(near).or_else(|| {
                Some("hand it over: tsugi review assign DIR REVIEW --to NAME --by NAME".into())
            }),
            Self::UnknownCustomer { .. } => {
                Some("find the customer first: tsugi brief DIR --phone NUMBER --by NAME --why TEXT".into())
            }
            Self::NotTheirs { serial, .. } => Some(format!(
                "see whose it is: tsugi brief DIR --serial {serial} --by NAME --why TEXT"
            )),
            Self::MayNotNote { near, .. } => did_you_mean(near).or_else(|| {
                Some("pipeline.toml says who may give what: [roles] with remedy_max, [people]".into())
            }),
            Self::NoTable { key } => Some(format!(
                "add to `[tables]` in pipeline.toml: {key} = \"schema.table\""
            )),
            Self::NoColumn { near, .. } => did_you_mean(near),
            Self::NoComplaints { .. } => Some(
                "select `channel`, `purpose`, and the counts `sent` and `complained` there".into(),
            ),
        }
    }
}
