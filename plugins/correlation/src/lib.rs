//! Statistics that trace complaints to their cause: rates with intervals, attribution to lots,
//! suppliers and changes, and disproportion of reports.

mod aggregates;
pub mod attribute;
pub mod disproportionality;
pub mod input;
pub mod series;
pub mod stats;
pub mod surge;
mod tables;
pub mod verdict;
mod words;

pub use aggregates::{EventRate, FlagProportion, MantelHaenszel, Proportion, RateRatio};
pub use tables::{AttributeTable, DisproportionalityTable, SurgeTable};

tsugi_plugin::export! {
    manifest: "plugin.toml",
    aggregate: [EventRate, Proportion, FlagProportion, RateRatio, MantelHaenszel],
    table: [AttributeTable, DisproportionalityTable, SurgeTable],
}
