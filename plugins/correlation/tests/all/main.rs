//! Tests of the correlation plugin through the mock host, as SQL would call it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test"
)]

mod attribution;
mod cells;
mod data;
mod edges;
mod invented;
mod merging;
mod rates;
mod reports;
mod reports_found;
mod reports_goods;
mod reports_r;
mod sums;
mod trace_bfr;
mod trace_doubts;
mod trace_lots;
