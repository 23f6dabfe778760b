//! The send ledger: every row is recorded before it is sent, and its outcome after.

pub(super) mod chain;
pub(super) mod database;
pub(super) mod head;
pub(super) mod intents;
pub(super) mod key;
pub(super) mod mismatch;
mod schema;
mod sends;
pub(super) mod signer;
pub(super) mod tables;
pub(super) mod verify;
