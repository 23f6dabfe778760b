//! What can stop a run or a delivery, as findings.

use std::path::PathBuf;

use datafusion::arrow::error::ArrowError;

use crate::query::QueryError;
use crate::store::WarehouseError;
use tsugi_core::count::count;
use tsugi_core::diagnostic::{Blame, Diagnostic, Explain, Place};
use tsugi_core::name::{CheckName, TableName};
use tsugi_sandbox::SandboxError;

/// Every failure of a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The project or its plan is wrong; nothing has moved.
    #[error("{} in the project", counted(.0.len()))]
    Project(Vec<Diagnostic>),
    /// Steps or checks failed; the others went on to their end.
    #[error("{outcome}")]
    Failures {
        /// Every failure.
        findings: Vec<Diagnostic>,
        /// What became of the run.
        outcome: String,
    },
    /// A query or a plugin failed in one step.
    #[error("`{table}` failed: {source}")]
    Step {
        /// The table it was to make.
        table: TableName,
        source: QueryError,
    },
    /// A plugin failed outside a step.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A query failed outside a step.
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Warehouse(#[from] WarehouseError),
    /// A check found rows.
    #[error("the check `{check}` found {rows} bad {}{}", if *.rows == 1 { "row" } else { "rows" }, shown(.sample))]
    Check {
        check: CheckName,
        /// How many rows it returned.
        rows: u64,
        /// The first of them.
        sample: String,
    },
    /// A file cannot be read.
    #[error("cannot read `{path}`: {reason}")]
    File {
        path: PathBuf,
        /// What the disk or the format says.
        reason: String,
    },
    /// A file cannot be written.
    #[error("cannot write `{path}`: {reason}")]
    NotWritten {
        path: PathBuf,
        /// The error of the disk, or what is in the way.
        reason: String,
    },
    /// A table that a delivery reads lacks what delivering needs.
    #[error("`{table}` cannot be delivered: {what}")]
    NotDeliverable {
        table: TableName,
        /// What is missing or wrong.
        what: String,
    },
    /// Two rows of a delivery have one key.
    #[error("`{table}` cannot be delivered: two rows have the key {key}")]
    DuplicateKey {
        table: TableName,
        /// `account = A-1`.
        key: String,
        /// How to have one row a key.
        fix: String,
    },
    /// A row of a delivery has a value that decides nothing.
    #[error("`{table}` cannot be delivered: {what}")]
    WrongRow {
        table: TableName,
        /// Which row, and what is wrong with it.
        what: String,
        /// What to write instead.
        fix: String,
    },
    /// The ledger was put back to an older state, or another file is in its place.
    #[error("the ledger `{}` has {}, and had {noted} when this account last delivered from it", ledger.display(), count(*entries, "entry"))]
    OlderLedger {
        ledger: PathBuf,
        entries: u64,
        noted: u64,
        /// Where the number was noted.
        notes: Vec<PathBuf>,
    },
    /// What is sent cannot be remembered outside of the ledger.
    #[error("this account cannot remember what it sends, so that it might send it again: {reason}")]
    NoMemory { reason: String },
    /// Somebody changed the ledger beside the program, or signs it with a key that is new here.
    #[error("the ledger `{}` is not as it was left: {}", ledger.display(), findings.join("; "))]
    ChangedLedger {
        ledger: PathBuf,
        /// What does not fit.
        findings: Vec<String>,
        /// The project as it was named on the command line.
        project: String,
        /// What accepts these findings.
        word: String,
    },
    /// The word accepts other findings than those that there are.
    #[error("`{word}` is not the word of what was found")]
    OtherWord {
        word: String,
        /// The project as it was named on the command line.
        project: String,
    },
    /// Nothing has been published yet.
    #[error("nothing is published yet")]
    NotPublished {
        /// The project as it was named on the command line.
        project: String,
    },
    /// A signal stopped it.
    #[error("stopped")]
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

/// Arrays of the host that do not fit together: a defect of ours, not of the data.
impl From<ArrowError> for RunError {
    fn from(error: ArrowError) -> Self {
        Self::Host(error.to_string())
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
            Self::Project(findings) | Self::Failures { findings, .. } => findings.clone(),
            Self::Step {
                source: QueryError::Engine(failure),
                ..
            }
            | Self::Query(QueryError::Engine(failure)) => {
                let snippet = failure.site.as_ref().and_then(|site| site.snippet.clone());
                vec![Diagnostic::of(self).with_snippet(snippet)]
            }
            other => vec![Diagnostic::of(other)],
        }
    }

    /// Whether what was written or typed has to change before anything can run.
    pub fn is_compile(&self) -> bool {
        match self {
            Self::Project(_) => true,
            Self::Query(error) => error.is_of_sql(),
            _ => false,
        }
    }
}

impl Explain for RunError {
    fn code(&self) -> &'static str {
        match self {
            Self::Project(_) => "run::project",
            Self::Failures { .. } => "run::failures",
            Self::Step { source, .. } => source.code(),
            Self::Sandbox(error) => error.code(),
            Self::Query(error) => error.code(),
            Self::Warehouse(error) => error.code(),
            Self::Check { .. } => "run::check",
            Self::File { .. } => "run::file",
            Self::NotWritten { .. } => "run::not-written",
            Self::NotDeliverable { .. } => "run::not-deliverable",
            Self::DuplicateKey { .. } => "run::duplicate-key",
            Self::WrongRow { .. } => "run::wrong-row",
            Self::OlderLedger { .. } => "run::older-ledger",
            Self::NoMemory { .. } => "run::no-memory",
            Self::ChangedLedger { .. } => "run::changed-ledger",
            Self::OtherWord { .. } => "run::other-word",
            Self::NotPublished { .. } => "run::not-published",
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
            Self::File { .. }
            | Self::NotWritten { .. }
            | Self::OlderLedger { .. }
            | Self::NoMemory { .. }
            | Self::ChangedLedger { .. } => Blame::Outside,
            Self::Host(_) => Blame::Host,
            _ => Blame::Author,
        }
    }

    fn place(&self) -> Option<Place> {
        match self {
            Self::Step { source, .. } | Self::Query(source) => source.place(),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Step { source, .. } => source.hint(),
            Self::Sandbox(error) => error.hint(),
            Self::Query(error) => error.hint(),
            Self::Warehouse(error) => error.hint(),
            Self::Check { check, .. } => Some(format!(
                "the last published tables are unchanged; checks/{check}.sql says what it looks for"
            )),
            Self::OlderLedger { notes, .. } => {
                let notes: Vec<String> = notes.iter().map(|note| note.display().to_string()).collect();
                Some(format!(
                    "put the newer ledger back: this one would send again what it does not know; if it is meant to be so, remove {}",
                    notes.join(" and ")
                ))
            }
            Self::NoMemory { .. } => Some(
                "nothing was sent. Give the account a home, or set XDG_STATE_HOME to a folder that it may write and that stays".to_owned(),
            ),
            Self::ChangedLedger { project, word, .. } => Some(format!(
                "nothing was sent. Let a person find out who changed it; if it is meant to be so: tsugi doctor {project} --accept {word}"
            )),
            Self::OtherWord { project, .. } => {
                Some(format!("read what is there now: tsugi doctor {project}"))
            }
            Self::NotPublished { project } => Some(format!("tsugi run {project}")),
            Self::NotDeliverable { table, .. } => Some(format!(
                "tsugi check names every column that `{table}` lacks; tsugi run publishes it"
            )),
            Self::DuplicateKey { fix, .. } | Self::WrongRow { fix, .. } => Some(fix.clone()),
            _ => None,
        }
    }
}
