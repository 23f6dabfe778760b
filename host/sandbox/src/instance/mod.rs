//! One running instance: its store, its limits, what it may reach and what it reports.

pub mod access;
pub mod breach;
pub mod cancel;
pub mod guest;
pub mod reports;
pub mod state;
