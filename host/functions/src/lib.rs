//! Plugins as functions and tables of any DataFusion session.
//!
//! [`install`] prepares a `SessionContext`, [`add_plugin`] makes the scalar, aggregate and table
//! functions of a component functions of its SQL, [`SourceTable`] is a stream of a source as a
//! table. Plans hold plain data and find their plugins in the session that runs them
//! ([`PluginSet`]), so that [`codec`] can send them to another machine.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod aggregate;
mod builtin;
pub mod codec;
mod error;
mod install;
mod live;
mod once;
mod overloads;
mod plugin_call;
mod quiet;
mod scalar;
mod set;
mod single;
mod source;
mod table;
mod types;

pub use error::FunctionError;
pub use install::{add_plugin, install};
pub use live::Failures;
pub use plugin_call::is_plugin_call;
pub use quiet::without_calls;
pub use set::{PluginKey, PluginSet, PluginUse};
pub use source::{SourceReport, SourceSteps, SourceTable};
pub use table::exec::TableCallPlanner;
