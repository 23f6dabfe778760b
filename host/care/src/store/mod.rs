//! What concerns people: their decisions about messages, look-ups of customers, who is forgotten.
#![expect(
    clippy::disallowed_methods,
    reason = "the one module that reads and writes the run store"
)]

pub(crate) mod databases;
pub mod decisions;
pub mod forgotten;
mod ledger_tables;
pub mod lookups;
pub mod notes;
pub(crate) mod scrub;
pub(crate) mod second_look;
pub(crate) mod spelling;
mod tables;
pub(crate) mod texts;

pub(crate) use ledger_tables::LEDGER_TABLES;
