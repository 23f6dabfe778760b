//! The send ledger: every message is recorded before it is sent, and its outcome after.

pub(super) mod intents;
mod sends;
