//! What can go wrong between SQL and its answer, and how it crosses DataFusion and comes back.

use datafusion::common::DataFusionError;

use crate::diagnostic::{Blame, Explain, Place};
use crate::sandbox::SandboxError;

/// Every failure of the query floor.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// A plugin failed.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The text is not one SELECT.
    #[error("{message}")]
    Sql {
        /// What is wrong.
        message: String,
        /// Where, in the text.
        place: Option<Place>,
        /// What to do.
        hint: Option<String>,
    },
    /// A call no overload of the function takes.
    #[error("`{function}` does not take ({given})")]
    Call {
        /// The function.
        function: String,
        /// The types it was given.
        given: String,
        /// The overloads it has.
        takes: String,
    },
    /// An argument of a table function that is missing, unknown or of the wrong kind.
    #[error("`{function}`: {what}")]
    Argument {
        /// The function.
        function: String,
        /// What is wrong.
        what: String,
        /// What it takes.
        takes: String,
    },
    /// Something SQL allows that this version refuses.
    #[error("{what} is not supported yet for the plugin function `{function}`")]
    Unsupported {
        /// The function.
        function: String,
        /// The clause.
        what: &'static str,
    },
    /// A plan outlived the session that made it.
    #[error("plugin `{plugin}` is no longer open")]
    Ended {
        /// The plugin.
        plugin: String,
    },
    /// The query needs more memory than it may have.
    #[error("the query needs more memory than it may have: {message}")]
    Memory {
        /// What DataFusion says.
        message: String,
    },
    /// DataFusion failed while it ran.
    #[error("{0}")]
    Engine(String),
}

impl QueryError {
    /// Whether the SQL itself is wrong, so that it can never run.
    pub fn is_of_sql(&self) -> bool {
        matches!(
            self,
            Self::Sql { .. } | Self::Call { .. } | Self::Argument { .. } | Self::Unsupported { .. }
        )
    }

    /// Finds our own error inside DataFusion's, by type; the rest keeps its words.
    pub fn from_engine(error: DataFusionError) -> Self {
        let mut inner: &(dyn std::error::Error + 'static) = &error;
        loop {
            if let Some(ours) = inner.downcast_ref::<SandboxError>() {
                return Self::Sandbox(ours.clone());
            }
            if let Some(ours) = inner.downcast_ref::<Self>() {
                return ours.copied();
            }
            inner = match inner.downcast_ref::<DataFusionError>() {
                Some(DataFusionError::External(boxed)) => boxed.as_ref(),
                Some(DataFusionError::Shared(shared)) => shared.as_ref(),
                Some(DataFusionError::Context(_, within)) => within.as_ref(),
                Some(DataFusionError::Diagnostic(_, within)) => within.as_ref(),
                Some(DataFusionError::ArrowError(within, _)) => within.as_ref(),
                Some(DataFusionError::ResourcesExhausted(message)) => {
                    return Self::Memory {
                        message: message.clone(),
                    };
                }
                _ => match inner.source() {
                    Some(source) => source,
                    None => break,
                },
            };
        }
        Self::Engine(error.strip_backtrace())
    }

    /// The same error once more: those that travel hold only plain data.
    fn copied(&self) -> Self {
        match self {
            Self::Sandbox(error) => Self::Sandbox(error.clone()),
            Self::Sql {
                message,
                place,
                hint,
            } => Self::Sql {
                message: message.clone(),
                place: place.clone(),
                hint: hint.clone(),
            },
            Self::Call {
                function,
                given,
                takes,
            } => Self::Call {
                function: function.clone(),
                given: given.clone(),
                takes: takes.clone(),
            },
            Self::Argument {
                function,
                what,
                takes,
            } => Self::Argument {
                function: function.clone(),
                what: what.clone(),
                takes: takes.clone(),
            },
            Self::Unsupported { function, what } => Self::Unsupported {
                function: function.clone(),
                what,
            },
            Self::Ended { plugin } => Self::Ended {
                plugin: plugin.clone(),
            },
            Self::Memory { message } => Self::Memory {
                message: message.clone(),
            },
            Self::Engine(message) => Self::Engine(message.clone()),
        }
    }
}

impl From<QueryError> for DataFusionError {
    fn from(error: QueryError) -> Self {
        Self::External(Box::new(error))
    }
}

/// A sandbox error on its way through DataFusion.
pub fn outward(error: SandboxError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl Explain for QueryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Sandbox(error) => error.code(),
            Self::Sql { .. } => "query::sql",
            Self::Call { .. } => "query::call",
            Self::Argument { .. } => "query::argument",
            Self::Unsupported { .. } => "query::unsupported",
            Self::Ended { .. } => "query::ended",
            Self::Memory { .. } => "query::memory",
            Self::Engine(_) => "query::engine",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Sandbox(error) => error.blame(),
            Self::Ended { .. } => Blame::Host,
            Self::Memory { .. } => Blame::Outside,
            _ => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Sandbox(error) => error.hint(),
            Self::Sql { hint, .. } => hint.clone(),
            Self::Call { takes, .. } | Self::Argument { takes, .. } => {
                Some(format!("it takes {takes}"))
            }
            Self::Memory { .. } => {
                Some("raise memory_max_bytes under [limits] in pipeline.toml".into())
            }
            _ => None,
        }
    }

    fn place(&self) -> Option<Place> {
        match self {
            Self::Sql { place, .. } => place.clone(),
            _ => None,
        }
    }
}
