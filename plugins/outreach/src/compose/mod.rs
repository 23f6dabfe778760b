//! The table function `compose`: targets and records in, one message for each person and incident out.

mod counts;
mod draft;
mod messages;
pub(crate) mod operator;
mod write;
