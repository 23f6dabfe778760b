//! Streams of source plugins: as tables of SQL, and step by step with everything beside the rows.

pub(crate) mod exec;
mod predicate;
pub(crate) mod scan;
mod steps;
mod table;

pub use scan::SourceTable;
pub use steps::{SourceReport, SourceSteps};
