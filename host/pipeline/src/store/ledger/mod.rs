//! The send ledger: every row is recorded before it is sent, and its outcome after.

pub(super) mod database;
pub(super) mod intents;
pub(super) mod key;
mod sends;
