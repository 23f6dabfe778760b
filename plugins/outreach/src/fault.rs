//! What stops the whole step: a wrong option or a relation that cannot be composed from.

use std::fmt;

/// An error of the step as a whole. One person's trouble is a reason on that row, never this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable and short, for programs.
    pub code: &'static str,
    /// One sentence with the place and what was found.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl Fault {
    /// Names what is wrong and the next step.
    pub fn new(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Fault {
            code,
            message: message.into(),
            hint: hint.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} ({})", self.code, self.message, self.hint)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for tsugi_plugin::Error {
    fn from(fault: Fault) -> Self {
        tsugi_plugin::Error::config(fault.code, fault.message).detail(fault.hint)
    }
}
