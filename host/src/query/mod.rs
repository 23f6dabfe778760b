//! SQL understood and run: the only floor that plans with DataFusion.
//!
//! A [`Session`] holds the tables and the functions of the opened plugins. A query is parsed
//! ([`Parsed`]), its variables are put in, it is planned without running anything, and runs as
//! one stream of batches. [`resolve()`] turns the SQL of a whole project into plain facts.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod aggregate;
mod error;
pub mod facts;
mod lineage;
mod live;
mod once;
mod operator;
mod parse;
mod relation;
mod resolve;
mod scalar;
mod session;
mod settings;
mod source;
mod stream;
mod tags;
mod types;

pub use error::QueryError;
pub use live::{Failures, Live, PluginKey, Told, find};
pub use parse::{Parsed, Vars};
pub use resolve::resolve;
pub use session::{Opened, Session};
pub use settings::Settings;
pub use source::SourceTable;
