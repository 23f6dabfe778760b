//! Tests of the correlation plugin through the mock host, as SQL would call it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test"
)]

mod attribution;
mod cells;
mod changes;
#[allow(
    dead_code,
    reason = "a reader of files has more ways to read than one test needs"
)]
mod data;
mod effects;
mod invented;
mod lots;
mod reports;
mod scans;
mod sums;
mod surge;
mod surge_real;
