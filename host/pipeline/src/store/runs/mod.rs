//! What runs remember: how they ended, what they made from what, how far they read.

pub(super) mod database;
pub(super) mod expire;
mod made;
pub(super) mod progress;
pub(super) mod read_state;
pub(super) mod records;
mod repair;
pub(super) mod rollback;
pub(super) mod run;
pub(super) mod settle;
pub(super) mod unpublished;
