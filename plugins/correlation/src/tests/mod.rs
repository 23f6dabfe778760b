//! Tests of the plugin through the mock host, as SQL calls it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails here is a failing test"
)]

mod ages;
mod any_order;
mod attribution;
mod calls;
mod cells;
mod changes;
mod data;
mod edges;
mod effects;
mod guide;
mod invented;
mod lots;
mod merging;
mod nasty;
mod rates;
mod reports;
mod reports_found;
mod reports_goods;
mod reports_r;
mod rivals;
mod scans;
mod sums;
mod surge;
mod surge_flexible;
mod surge_real;
mod trace_bfr;
mod trace_doubts;
mod trace_lots;
mod windows;
mod wording;
mod worlds;
mod worlds_input;
mod zones;
