//! Streams of source plugins: as tables of SQL, and step by step with everything beside the rows.

pub(crate) mod exec;
mod predicate;
mod steps;
mod table;

pub use steps::{SourceReport, SourceSteps};
pub use table::SourceTable;
