//! Reading on behind a checkpoint: what it remembers, and whether its files are unchanged.

pub(crate) mod changes;
pub(crate) mod state;
