//! Why a guest was stopped.

use crate::error::SandboxError;

/// Noted where it happened, read when the call has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Breach {
    Limit {
        name: &'static str,
        limit: u64,
        requested: u64,
    },
    /// A want of this kind and name that no grant covers.
    Denied {
        kind: &'static str,
        name: String,
    },
    /// A secret that was needed and cannot be read.
    Secret(Box<SandboxError>),
    Cancelled,
}

impl Breach {
    pub(crate) fn over(name: &'static str, limit: usize, requested: usize) -> Self {
        Self::Limit {
            name,
            limit: limit as u64,
            requested: requested as u64,
        }
    }
}
