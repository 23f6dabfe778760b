//! Reading: snapshots, tables for DataFusion, single rows by a value.

pub(crate) mod damaged;
pub(crate) mod find;
mod nan;
pub(crate) mod provider;
pub(crate) mod snapshot;
pub(crate) mod verify;
