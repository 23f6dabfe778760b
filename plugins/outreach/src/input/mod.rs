//! What rows of relations are read as, and a compact store of rows.

pub(crate) mod row_store;
pub(crate) mod values;
