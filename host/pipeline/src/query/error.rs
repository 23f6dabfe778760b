//! What can go wrong between SQL and its answer, and how it comes back out of DataFusion.

use datafusion::common::DataFusionError;
use datafusion::parquet::errors::ParquetError;

use super::failure::{Failure, Fault, UnknownName, names, planned, unknown_name};
use super::semantics::ComputeError;
use super::site::Site;
use tsugi_core::diagnostic::{Blame, Explain, Place};
use tsugi_functions::FunctionError;
use tsugi_sandbox::SandboxError;

/// Every failure of a query.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
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
    /// A function that neither SQL nor a plugin has.
    #[error("there is no function `{name}`")]
    NoFunction {
        name: String,
        place: Option<Place>,
        hint: String,
    },
    /// The query needs more memory than it may have.
    #[error("the query needs more memory than it may have{}", if .doing.is_empty() { String::new() } else { format!(" while {doing}") })]
    Memory {
        /// `sorting`; empty where it is not known.
        doing: &'static str,
    },
    /// A published file is gone or damaged.
    #[error("{message}")]
    File { message: String, hint: String },
    /// The engine failed: it cannot plan the query, or a value stopped its execution.
    #[error("{0}")]
    Engine(Box<Failure>),
}

/// What to type about a damaged file.
const REPAIR: &str = "`tsugi warehouse verify DIR` finds every damaged file; \
                      `tsugi warehouse repair DIR` lets the next run make their tables again";

impl QueryError {
    /// Whether the SQL itself is wrong, so that it can never run.
    pub fn is_of_sql(&self) -> bool {
        use FunctionError as F;
        matches!(
            self,
            Self::Sql { .. }
                | Self::NoFunction { .. }
                | Self::Function(
                    F::Call { .. }
                        | F::Argument { .. }
                        | F::Unsupported { .. }
                        | F::NameInUse { .. }
                )
        )
    }

    /// The table or column that does not exist, where that is what is wrong.
    pub fn unknown_name(&self) -> Option<UnknownName<'_>> {
        match self {
            Self::Sql { message, .. } => unknown_name(message),
            _ => None,
        }
    }

    /// The same error at a place, where it has none.
    #[must_use]
    pub(crate) fn at(mut self, found: Place) -> Self {
        match &mut self {
            Self::Sql { place, .. } | Self::NoFunction { place, .. } => *place = Some(found),
            Self::Engine(failure) => {
                failure.site = Some(Box::new(Site {
                    place: found,
                    snippet: None,
                    row: None,
                }));
            }
            _ => {}
        }
        self
    }

    /// Finds our own error inside DataFusion's, by type; of any other it reads the message.
    pub fn from_engine(error: DataFusionError) -> Self {
        if let Some(ours) = FunctionError::find(&error) {
            return ours.clone().into();
        }
        if let Some(ours) = ComputeError::find(&error) {
            return Self::Engine(Box::new(ours.into()));
        }
        match error.find_root() {
            DataFusionError::ResourcesExhausted(message) => Self::Memory {
                doing: memory_of(message),
            },
            DataFusionError::External(cause) => match cause.downcast_ref() {
                Some(lost @ ducklake::Error::LostFile { table, .. }) => Self::File {
                    message: lost.to_string(),
                    hint: format!("run the pipeline: it makes {table} again"),
                },
                Some(damaged @ ducklake::Error::DamagedFile { .. }) => Self::File {
                    message: damaged.to_string(),
                    hint: REPAIR.into(),
                },
                _ => Self::Engine(Box::new(Failure::of(&error))),
            },
            // Others carry what a filter said of a value, which may be personal.
            DataFusionError::ParquetError(cause)
                if matches!(**cause, ParquetError::General(_) | ParquetError::EOF(_)) =>
            {
                Self::File {
                    message: format!("a Parquet file cannot be read: {cause}"),
                    hint: REPAIR.into(),
                }
            }
            _ => Self::Engine(Box::new(Failure::of(&error))),
        }
    }

    /// What DataFusion finds wrong with the query of a file, with its place when it knows one.
    pub(super) fn planning(file: &str, error: DataFusionError) -> Self {
        let diagnostic = error.diagnostic().cloned();
        if let DataFusionError::SchemaError(wrong, _) = error.find_root()
            && diagnostic.is_none()
        {
            return Self::Sql {
                message: names(wrong),
                place: Some(Place::of_file(file)),
                hint: None,
            };
        }
        let failure = match Self::from_engine(error) {
            Self::Engine(failure) => failure,
            ours => return ours,
        };
        let Some(diagnostic) = diagnostic else {
            return Self::Sql {
                message: failure.to_string(),
                place: Some(Place::of_file(file)),
                hint: failure.hint,
            };
        };
        let helps = diagnostic.helps.iter().map(|help| &*help.message);
        let notes = diagnostic.notes.iter().map(|note| &*note.message);
        let hints: Vec<&str> = helps.chain(notes).collect();
        let (message, hint) = match diagnostic.message.is_empty() {
            true => (failure.to_string(), failure.hint),
            false => planned(&diagnostic.message, &hints),
        };
        Self::Sql {
            message,
            place: diagnostic.span.map(|span| Place {
                file: file.to_owned(),
                line: u32::try_from(span.start.line).unwrap_or(u32::MAX),
                column: u32::try_from(span.start.column).unwrap_or(u32::MAX),
            }),
            hint,
        }
    }
}

/// What a query was doing when it ran out of memory, read off the operators that held most of it.
fn memory_of(message: &str) -> &'static str {
    let operators = [
        ("Sort", "sorting"),
        (
            "a join without an equality",
            "joining without an equality, which keeps one side in memory; with `=` in its ON it could go to the disk",
        ),
        ("Join", "joining"),
        ("Aggregate", "grouping"),
        ("GroupedHash", "grouping"),
        ("Window", "computing windows"),
    ];
    let found = operators
        .iter()
        .filter_map(|(name, doing)| message.find(name).map(|at| (at, *doing)));
    found.min().map_or("", |(_, doing)| doing)
}

impl From<FunctionError> for QueryError {
    fn from(error: FunctionError) -> Self {
        match error {
            FunctionError::Sandbox(error) => Self::Sandbox(error),
            // A row stopped it, not the SQL: the place and the row are looked for.
            error @ FunctionError::Row { .. } => {
                let mut failure = Failure::new(Fault::Other, error.to_string());
                failure.hint = error.hint();
                Self::Engine(Box::new(failure))
            }
            other => Self::Function(other),
        }
    }
}

impl Explain for QueryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Sandbox(error) => error.code(),
            Self::Function(error) => error.code(),
            Self::Sql { .. } | Self::NoFunction { .. } => "query::sql",
            Self::Memory { .. } => "query::memory",
            Self::File { .. } => "query::file",
            Self::Engine(failure) => match failure.fault {
                Fault::Cast | Fault::Division | Fault::Overflow | Fault::Rows => "query::compute",
                _ => "query::engine",
            },
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Sandbox(error) => error.blame(),
            Self::Function(error) => error.blame(),
            Self::Memory { .. } | Self::File { .. } => Blame::Outside,
            Self::Sql { .. } | Self::NoFunction { .. } | Self::Engine(_) => Blame::Author,
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
            Self::NoFunction { hint, .. } => Some(hint.clone()),
            Self::Memory { .. } => {
                Some("raise memory_max_bytes under [limits] in pipeline.toml".into())
            }
            Self::File { hint, .. } => Some(hint.clone()),
            Self::Engine(failure) => failure.hint.clone(),
        }
    }

    fn place(&self) -> Option<Place> {
        match self {
            Self::Sql { place, .. } | Self::NoFunction { place, .. } => place.clone(),
            Self::Engine(failure) => failure.site.as_ref().map(|site| site.place.clone()),
            _ => None,
        }
    }
}
