//! What can go wrong between SQL and its answer, and how it comes back out of DataFusion.

use datafusion::common::DataFusionError;
use datafusion::parquet::errors::ParquetError;

use super::semantics::ComputeError;
use tsugi_core::diagnostic::{Blame, Explain, Place};
use tsugi_functions::FunctionError;
use tsugi_sandbox::SandboxError;

/// Every failure of a query.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// A plugin failed.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A call of a plugin's function is wrong.
    #[error(transparent)]
    Function(FunctionError),
    /// The text is not one SELECT.
    #[error("{message}")]
    Sql {
        message: String,
        place: Option<Place>,
        hint: Option<String>,
    },
    /// The query needs more memory than it may have.
    #[error("the query needs more memory than it may have: {message}")]
    Memory {
        /// DataFusion's own message.
        message: String,
    },
    /// A published file is gone or damaged.
    #[error("{message}")]
    File { message: String, hint: String },
    /// An expression has no value for a row.
    #[error(transparent)]
    Compute(ComputeError),
    /// DataFusion failed during execution.
    #[error("{0}")]
    Engine(String),
}

impl QueryError {
    /// Whether the SQL itself is wrong, so that it can never run.
    pub fn is_of_sql(&self) -> bool {
        use FunctionError as F;
        matches!(
            self,
            Self::Sql { .. }
                | Self::Function(
                    F::Call { .. }
                        | F::Argument { .. }
                        | F::Unsupported { .. }
                        | F::NameInUse { .. }
                )
        )
    }

    /// Finds our own error inside DataFusion's, by type; of any other it keeps the message.
    pub fn from_engine(error: DataFusionError) -> Self {
        if let Some(ours) = FunctionError::find(&error) {
            return ours.clone().into();
        }
        if let Some(ours) = ComputeError::find(&error) {
            return Self::Compute(ours);
        }
        match error.find_root() {
            DataFusionError::ResourcesExhausted(message) => Self::Memory {
                message: message.clone(),
            },
            DataFusionError::External(cause) => match cause.downcast_ref() {
                Some(lost @ ducklake::Error::LostFile { table, .. }) => Self::File {
                    message: lost.to_string(),
                    hint: format!("run the pipeline: it makes {table} again"),
                },
                _ => Self::Engine(error.strip_backtrace()),
            },
            // Others carry what a filter said of a value, which may be personal.
            DataFusionError::ParquetError(cause)
                if matches!(**cause, ParquetError::General(_) | ParquetError::EOF(_)) =>
            {
                Self::File {
                    message: format!("a Parquet file cannot be read: {cause}"),
                    hint: "`tsugi warehouse verify DIR` finds the file; `tsugi warehouse repair DIR` lets the next run make its table again".into(),
                }
            }
            _ => Self::Engine(error.strip_backtrace()),
        }
    }

    /// What DataFusion finds wrong with the query of a file, with its place when it knows one.
    pub(super) fn planning(file: &str, error: DataFusionError) -> Self {
        let diagnostic = error.diagnostic().cloned();
        let text = match Self::from_engine(error) {
            Self::Engine(text) => text,
            ours => return ours,
        };
        let Some(diagnostic) = diagnostic else {
            return Self::Sql {
                message: text,
                place: Some(Place::of_file(file)),
                hint: None,
            };
        };
        let helps = diagnostic.helps.iter().map(|help| &*help.message);
        let notes = diagnostic.notes.iter().map(|note| &*note.message);
        let hints: Vec<&str> = helps.chain(notes).collect();
        Self::Sql {
            place: diagnostic.span.map(|span| Place {
                file: file.to_owned(),
                line: u32::try_from(span.start.line).unwrap_or(u32::MAX),
                column: u32::try_from(span.start.column).unwrap_or(u32::MAX),
            }),
            hint: (!hints.is_empty()).then(|| hints.join("; ")),
            message: match diagnostic.message.is_empty() {
                true => text,
                false => diagnostic.message,
            },
        }
    }
}

impl From<FunctionError> for QueryError {
    fn from(error: FunctionError) -> Self {
        match error {
            FunctionError::Sandbox(error) => Self::Sandbox(error),
            other => Self::Function(other),
        }
    }
}

impl Explain for QueryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Sandbox(error) => error.code(),
            Self::Function(error) => error.code(),
            Self::Sql { .. } => "query::sql",
            Self::Memory { .. } => "query::memory",
            Self::File { .. } => "query::file",
            Self::Compute(_) => "query::compute",
            Self::Engine(_) => "query::engine",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Sandbox(error) => error.blame(),
            Self::Function(error) => error.blame(),
            Self::Memory { .. } | Self::File { .. } => Blame::Outside,
            Self::Sql { .. } | Self::Compute(_) | Self::Engine(_) => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Sandbox(error) => error.hint(),
            Self::Function(FunctionError::NameInUse { .. }) => {
                Some("remove one of them under [plugins] in pipeline.toml".into())
            }
            Self::Function(error) => error.hint(),
            Self::Sql { hint, .. } => hint.clone(),
            Self::Memory { .. } => {
                Some("raise memory_max_bytes under [limits] in pipeline.toml".into())
            }
            Self::File { hint, .. } => Some(hint.clone()),
            Self::Compute(error) => Some(error.hint().to_owned()),
            Self::Engine(_) => None,
        }
    }

    fn place(&self) -> Option<Place> {
        match self {
            Self::Sql { place, .. } => place.clone(),
            _ => None,
        }
    }
}
