//! Functions, tables and sources of plugins in SQL: what they answer, what is refused, and what
//! becomes of a plugin that attacks its host.

mod aggregates;
pub mod bench;
mod hostile;
mod scalars;
mod sent;
mod sources;
mod tables;
mod types;
