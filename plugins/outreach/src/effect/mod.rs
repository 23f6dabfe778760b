//! What messages brought about: holdouts, lift over the holdout, retention.

pub(crate) mod holdout;
pub(crate) mod lift;
pub(crate) mod retention;
mod retention_model;
