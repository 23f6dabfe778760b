//! Functions, tables and sources of plugins in SQL: what they answer, what is refused, and what
//! becomes of a plugin that attacks its host.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot set up its session has failed"
)]

mod aggregates;
mod bench;
mod hostile;
mod scalars;
mod sources;
mod tables;
