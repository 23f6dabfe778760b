//! Statistics that trace complaints to their cause: rates with intervals, attribution to lots,
//! suppliers and changes, disproportion of reports, surges, scans over places and production dates,
//! the effects of changes, and tracing through deliveries and lots.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

mod aggregates;
mod arguments;
mod attribute;
mod change;
mod discovery;
mod disproportionality;
mod input;
mod scan;
mod series;
mod stats;
mod surge;
mod tables;
#[cfg(test)]
mod tests;
mod trace;
mod verdict;
mod words;

pub use aggregates::{EventRate, FlagProportion, MantelHaenszel, Proportion, RateRatio};
pub use tables::{AttributeTable, DisproportionalityTable, FalseDiscoveryTable, TraceTable};
pub use tables::{ChangeEffectTable, ChangepointsTable, RecentShareTable, SurgeTable};
pub use tables::{LotWindowScanTable, NearestTable, RegionScanTable};

tsugi_plugin::export! {
    manifest: "plugin.toml",
    aggregate: [EventRate, Proportion, FlagProportion, RateRatio, MantelHaenszel],
    table: [
        AttributeTable, DisproportionalityTable,
        SurgeTable, RecentShareTable, ChangepointsTable, ChangeEffectTable,
        RegionScanTable, LotWindowScanTable, NearestTable, TraceTable, FalseDiscoveryTable,
    ],
}
