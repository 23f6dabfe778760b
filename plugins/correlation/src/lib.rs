//! Statistics that trace complaints to their cause: rates with intervals, attribution to lots,
//! suppliers and changes, disproportion of reports, and tracing through deliveries and lots.

mod aggregates;
pub mod attribute;
pub mod disproportionality;
pub mod input;
pub mod stats;
mod tables;
pub mod trace;
pub mod verdict;
mod words;

pub use aggregates::{EventRate, FlagProportion, MantelHaenszel, Proportion, RateRatio};
pub use aggregates::{RateAnswer, RatioAnswer, ShareAnswer};
pub use tables::{AttributeTable, DisproportionalityTable, TraceTable};

tsugi_plugin::export! {
    manifest: "plugin.toml",
    aggregate: [EventRate, Proportion, FlagProportion, RateRatio, MantelHaenszel],
    table: [AttributeTable, DisproportionalityTable, TraceTable],
}
