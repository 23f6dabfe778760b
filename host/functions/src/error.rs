//! What can go wrong between a call in SQL and the plugin that answers it, and how it crosses
//! DataFusion and comes back.

use datafusion::common::DataFusionError;

use tsugi_core::diagnostic::{Blame, Explain};
use tsugi_sandbox::SandboxError;

/// Every failure of this crate. It crosses DataFusion as [`DataFusionError::External`];
/// [`FunctionError::find`] finds it again.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FunctionError {
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// A call that no overload of the function matches.
    #[error("`{function}` does not take ({types})")]
    Call {
        function: String,
        /// The types of the arguments.
        types: String,
        /// The overloads there are.
        takes: String,
    },
    /// An argument of a table function that is missing, unknown or of the wrong kind.
    #[error("`{function}`: {what}")]
    Argument {
        function: String,
        what: String,
        takes: String,
    },
    /// A function of the host cannot compute a row; `what` may quote its values.
    #[error("`{function}`: {what}")]
    Row {
        function: String,
        what: String,
        takes: String,
    },
    /// A clause that SQL allows and plugins do not support.
    #[error("{clause} is not supported yet for the plugin function `{function}`")]
    Unsupported {
        function: String,
        clause: &'static str,
    },
    /// A function name that the session already has.
    #[error("plugin `{plugin}` offers `{function}`, which {owner} has already")]
    NameInUse {
        plugin: String,
        function: String,
        owner: String,
    },
    /// A plan that names a plugin its session does not hold, with these bytes and these grants.
    #[error("plugin `{plugin}` is not loaded in this session")]
    NotLoaded { plugin: String },
    /// Bytes that no codec of ours wrote.
    #[error("this is not an encoded node of a plan: {0}")]
    Encoding(String),
}

impl FunctionError {
    /// The error of ours inside one of DataFusion's.
    pub fn find(error: &DataFusionError) -> Option<&Self> {
        let mut inner: &(dyn std::error::Error + 'static) = error;
        loop {
            if let Some(ours) = inner.downcast_ref::<Self>() {
                return Some(ours);
            }
            inner = match inner.downcast_ref::<DataFusionError>() {
                // The sources of these skip what they wrap.
                Some(DataFusionError::External(boxed)) => boxed.as_ref(),
                Some(DataFusionError::Shared(shared)) => shared.as_ref(),
                Some(DataFusionError::ArrowError(within, _)) => within.as_ref(),
                _ => inner.source()?,
            };
        }
    }
}

impl From<FunctionError> for DataFusionError {
    fn from(error: FunctionError) -> Self {
        Self::External(Box::new(error))
    }
}

/// A sandbox error on its way through DataFusion.
pub(crate) fn external(error: SandboxError) -> DataFusionError {
    FunctionError::Sandbox(error).into()
}

impl Explain for FunctionError {
    fn code(&self) -> &'static str {
        match self {
            Self::Sandbox(error) => error.code(),
            Self::Call { .. } => "query::call",
            Self::Argument { .. } => "query::argument",
            Self::Row { .. } => "query::compute",
            Self::Unsupported { .. } => "query::unsupported",
            Self::NameInUse { .. } => "query::sql",
            Self::NotLoaded { .. } => "query::not-loaded",
            Self::Encoding(_) => "query::encoding",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Sandbox(error) => error.blame(),
            Self::NotLoaded { .. } | Self::Encoding(_) => Blame::Host,
            _ => Blame::Author,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Sandbox(error) => error.hint(),
            Self::Call { takes, .. } | Self::Argument { takes, .. } | Self::Row { takes, .. } => {
                Some(format!("it takes {takes}"))
            }
            Self::NameInUse { .. } => Some("load one of the two only".into()),
            Self::NotLoaded { .. } => Some("add it to the plugins of the session".into()),
            _ => None,
        }
    }
}
