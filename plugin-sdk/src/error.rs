//! The error that crosses to the host: what to do about it, how far it reaches, and where.
use std::fmt;
use std::ops::{Deref, DerefMut};

pub use crate::bindings::imports::tsugi::plugin::types::{
    Error as Fault, Recovery, RowError, Scope,
};

/// What went wrong, typed by what the host should do (`recovery`) and how much it takes with
/// it (`scope`). Build one with [`Error::config`], [`Error::data`] and the like, then add
/// what is known: `Error::config("bad-zone", "…").at("/time_zone")`. Its parts are the fields
/// of [`Fault`].
#[derive(Clone, PartialEq)]
pub struct Error(Box<Fault>);

impl Deref for Error {
    type Target = Fault;
    fn deref(&self) -> &Fault {
        &self.0
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Fault {
        &mut self.0
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self(Box::new(fault))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        *error.0
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error {
    /// An error of any kind.
    pub fn new(
        recovery: Recovery,
        scope: Scope,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::from(Fault {
            recovery,
            scope,
            code: code.into(),
            message: message.into(),
            detail: None,
            retry_after_ms: None,
            at: None,
            extra: Vec::new(),
        })
    }

    /// The configuration, an argument or a query is wrong: the run stops until a person
    /// changes it.
    pub fn config(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Recovery::FixConfig, Scope::Run, code, message)
    }

    /// The data is bad; its owner must act. Bad rows that need not end the run are rejects instead.
    pub fn data(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Recovery::RejectData, Scope::Batch, code, message)
    }

    /// This stream cannot go on.
    pub fn give_up(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Recovery::GiveUp, Scope::Stream, code, message)
    }

    /// It may work when the run is started again later.
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
