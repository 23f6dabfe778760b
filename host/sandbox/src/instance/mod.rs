//! One running instance: its store, its limits, what it may reach and what it reports.

pub(crate) mod access;
pub(crate) mod breach;
pub(crate) mod cancel;
pub(crate) mod guest;
pub(crate) mod reports;
pub(crate) mod state;
