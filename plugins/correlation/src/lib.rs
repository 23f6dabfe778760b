//! Statistics that trace complaints to their cause: rates with intervals, attribution to lots,
//! suppliers and changes, disproportion of reports, surges, scans over places and production dates,
//! the effects of changes, and tracing through deliveries and lots.

mod aggregates;
mod arguments;
pub mod attribute;
pub mod change;
mod discovery;
pub mod disproportionality;
pub mod input;
pub mod scan;
pub mod series;
pub mod stats;
pub mod surge;
mod tables;
pub mod trace;
pub mod verdict;
mod words;

pub use aggregates::{EventRate, FlagProportion, MantelHaenszel, Proportion, RateRatio};
pub use aggregates::{RateAnswer, RatioAnswer, ShareAnswer};
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
