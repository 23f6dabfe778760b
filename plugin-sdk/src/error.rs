//! The error that crosses to the host: what to do about it, how far it reaches, and where.
use std::fmt;

pub use crate::bindings::imports::tsugi::plugin::types::{Recovery, RowError, Scope};

/// What went wrong, typed by what the host should do (`recovery`) and how much it takes with
/// it (`scope`). Build one with [`Error::config`], [`Error::data`] and the like, then add
/// what is known: `Error::config("bad-zone", "…").at("/time_zone")`.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// What the host should do.
    pub recovery: Recovery,
    /// How much fails with it.
    pub scope: Scope,
    /// Stable and short, for programs: `missing-column`.
    pub code: String,
    /// One sentence for people.
    pub message: String,
    /// What to do next, or more about the cause.
    pub detail: Option<String>,
    /// With [`Recovery::Throttled`]: how long to wait.
    pub retry_after_ms: Option<u32>,
    /// Where: a JSON pointer into the config, or `file:line`.
    pub at: Option<String>,
    /// Room for what later versions add.
    pub extra: Vec<(String, String)>,
}

impl Error {
    /// An error of any kind.
    pub fn new(
        recovery: Recovery,
        scope: Scope,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            recovery,
            scope,
            code: code.into(),
            message: message.into(),
            detail: None,
            retry_after_ms: None,
            at: None,
            extra: Vec::new(),
        }
    }

    /// The configuration, an argument or a query is wrong: the run stops until a person
    /// changes it.
    pub fn config(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Recovery::FixConfig, Scope::Run, code, message)
    }

    /// The data is bad: the host quarantines the batch and goes on.
    pub fn data(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Recovery::RejectData, Scope::Batch, code, message)
    }

    /// This stream cannot go on; others can.
    pub fn give_up(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Recovery::GiveUp, Scope::Stream, code, message)
    }

    /// It may work later.
    pub fn retry(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Recovery::Retry, Scope::Stream, code, message)
    }

    /// A bug in the plugin.
    pub fn defect(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Recovery::Defect, Scope::Run, code, message)
    }

    /// Adds what to do next, or more about the cause.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the place: a JSON pointer into the config, or `file:line`.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.at = Some(place.into());
        self
    }

    /// Sets how much fails with it.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.message, self.code)?;
        if let Some(place) = &self.at {
            write!(f, " at {place}")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// An error of ours that travelled through `std::io` comes back as it was; any other ends
/// the stream.
impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let text = error.to_string();
        error
            .downcast::<Error>()
            .unwrap_or_else(|_| Error::give_up("unreadable", text))
    }
}
