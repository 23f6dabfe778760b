//! What can stop a run or a delivery, as findings.

use std::path::PathBuf;

use crate::diagnostic::{Blame, Diagnostic, Explain, did_you_mean};
use crate::name::{CheckName, TableName};
use crate::query::QueryError;
use crate::sandbox::SandboxError;
use crate::warehouse::WarehouseError;

/// Every failure of a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The project or its plan is wrong; nothing has moved.
    #[error("{} in the project", counted(.0.len()))]
    Project(Vec<Diagnostic>),
    /// A query or a plugin failed in one step.
    #[error("`{table}` failed: {source}")]
    Step {
        /// The table it was to make.
        table: TableName,
        /// Why.
        source: QueryError,
    },
    /// A plugin failed outside a step.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A query failed outside a step.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The warehouse failed.
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// A check found rows.
    #[error("the check `{check}` found {rows} bad {}{}", if *.rows == 1 { "row" } else { "rows" }, shown(.sample))]
    Check {
        /// The check.
        check: CheckName,
        /// How many rows it returned.
        rows: u64,
        /// The first of them.
        sample: String,
    },
    /// A file cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the disk or the format says.
        reason: String,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`: {reason}")]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// What the disk says, or what stands in the way.
        reason: String,
    },
    /// A table that a delivery reads lacks what delivering needs.
    #[error("`{table}` cannot be delivered: {what}")]
    NotDeliverable {
        /// The table.
        table: TableName,
        /// What is missing or wrong.
        what: String,
    },
    /// The table that a delivery names for complaints does not tell them.
    #[error("`{table}` does not tell how many complained: {what}")]
    NoComplaints {
        /// The table.
        table: TableName,
        /// What is missing or wrong.
        what: String,
    },
    /// A published table has no such column.
    #[error("`{table}` has no column `{column}`")]
    NoColumn {
        /// The table.
        table: TableName,
        /// As typed.
        column: String,
        /// Columns that may be meant.
        near: Vec<String>,
    },
    /// Nothing has been published yet.
    #[error("nothing is published yet")]
    NotPublished {
        /// The project as it was named on the command line.
        project: String,
    },
    /// No review has this number now.
    #[error("there is no review `{review}`")]
    NoReview {
        /// As typed.
        review: String,
    },
    /// Nobody of this id stands anywhere.
    #[error("nothing is known of `{person}`")]
    NobodyToForget {
        /// As typed.
        person: String,
    },
    /// The pipeline does not say which column is whom a row is about.
    #[error("the pipeline does not say which column is the person")]
    NoSubject,
    /// Somebody may not take this decision.
    #[error("`{by}` may not decide this: {what}")]
    MayNotDecide {
        /// Who.
        by: String,
        /// Why not.
        what: String,
        /// Names like theirs that are known.
        near: Vec<String>,
    },
    /// The user stopped it.
    #[error("stopped; nothing was published")]
    Interrupted,
    /// A task of ours died.
    #[error("a part of the host failed: {0}")]
    Host(String),
}

fn counted(findings: usize) -> String {
    match findings {
        1 => "1 finding".to_owned(),
        n => format!("{n} findings"),
    }
}

fn shown(sample: &str) -> String {
    if sample.is_empty() {
        String::new()
    } else {
        format!(", the first: {sample}")
    }
}

impl From<ducklake::Error> for RunError {
    fn from(error: ducklake::Error) -> Self {
        Self::Warehouse(error.into())
    }
}

impl RunError {
    /// The findings to show: those of the project, or this error as one.
    pub fn findings(&self) -> Vec<Diagnostic> {
        match self {
            Self::Project(findings) => findings.clone(),
            other => vec![Diagnostic::of(other)],
        }
    }

    /// Whether what was written or typed has to change before anything can run.
    pub fn is_compile(&self) -> bool {
        match self {
            Self::Project(_) => true,
            Self::Query(error) => error.is_of_sql(),
            Self::NoSubject => true,
            _ => false,
        }
    }
}

impl Explain for RunError {
    fn code(&self) -> &'static str {
        match self {
            Self::Project(_) => "run::project",
            Self::Step { source, .. } => source.code(),
            Self::Sandbox(error) => error.code(),
            Self::Query(error) => error.code(),
            Self::Warehouse(error) => error.code(),
            Self::Check { .. } => "run::check",
            Self::File { .. } => "run::file",
            Self::NotWritten { .. } => "run::not-written",
            Self::NotDeliverable { .. } => "run::not-deliverable",
            Self::NoComplaints { .. } => "run::no-complaints",
            Self::NoColumn { .. } => "run::no-column",
            Self::NotPublished { .. } => "run::not-published",
            Self::NoReview { .. } => "run::no-review",
            Self::NobodyToForget { .. } => "run::nobody-to-forget",
            Self::NoSubject => "run::no-subject",
            Self::MayNotDecide { .. } => "run::may-not-decide",
            Self::Interrupted => "run::interrupted",
            Self::Host(_) => "run::host",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Step { source, .. } => source.blame(),
            Self::Sandbox(error) => error.blame(),
            Self::Query(error) => error.blame(),
            Self::Warehouse(error) => error.blame(),
            Self::File { .. } | Self::NotWritten { .. } => Blame::Outside,
            Self::Host(_) => Blame::Host,
            _ => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Step { source, .. } => source.hint(),
            Self::Sandbox(error) => error.hint(),
            Self::Query(error) => error.hint(),
            Self::Warehouse(error) => error.hint(),
            Self::Check { check, .. } => Some(format!(
                "the last published tables stand; checks/{check}.sql says what it looks for"
            )),
            Self::NoReview { .. } => Some(
                "list the reviews again: an edit of the text or the audience makes another one"
                    .into(),
            ),
            Self::NobodyToForget { .. } => Some(
                "an id is compared as it is written, small and capital letters too; nothing was changed"
                    .into(),
            ),
            Self::NoSubject => {
                Some("add to pipeline.toml: [personal] with subject = \"customer_id\"".into())
            }
            Self::MayNotDecide { near, .. } => did_you_mean(near).or_else(|| {
                Some("hand it over: tsugi review assign DIR REVIEW --to NAME --by NAME".into())
            }),
            Self::NotPublished { project } => Some(format!("tsugi run {project}")),
            Self::NoColumn { near, .. } => did_you_mean(near),
            Self::NoComplaints { .. } => Some(
                "select `channel`, `purpose`, and the counts `sent` and `complained` there".into(),
            ),
            Self::NotDeliverable { .. } => Some(
                "select what `compose` returns; plugins/outreach/README.md lists its columns"
                    .into(),
            ),
            _ => None,
        }
    }
}
