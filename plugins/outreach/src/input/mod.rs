//! Relations as rows of named cells, their ports, and a compact store of rows.

pub(crate) mod cell;
pub(crate) mod ports;
pub(crate) mod row_store;
pub(crate) mod rows;
