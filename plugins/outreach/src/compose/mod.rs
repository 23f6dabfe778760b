//! The table function `compose`: targets and records in, one message for each person and incident out.

pub(crate) mod counts;
pub(crate) mod draft;
pub(crate) mod operator;
mod write;
