//! The DuckLake 1.0 catalogue in SQLite: what it holds, read and checked.

pub(crate) mod columns;
pub(crate) mod files;
pub(crate) mod foreign;
pub(crate) mod open;
pub(crate) mod tags;
pub(crate) mod version;
