//! Reading on behind a checkpoint: what it remembers, and whether its files are unchanged.

pub mod changes;
pub mod state;
