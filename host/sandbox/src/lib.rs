//! WebAssembly components as plugins: the only crate that names wasmtime.
//!
//! One [`Sandbox`] a process holds the engine, its epoch thread and the cache of compiled code.
//! [`Sandbox::load`] turns a component into a [`Plugin`]: compiled and linked twice (*pure*, which
//! runs to the end on the calling thread; *hosted*, which is async and has the granted imports).
//! A plugin opens instances with one owner each; two instances share nothing.
//!
//! A scalar call crosses in [`BoundScalar::evaluate`] (`roles/scalar.rs`): `boundary/encode.rs` lays
//! out the arguments, `instance/guest.rs` guards the call, `boundary/decode.rs` checks the result.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub
)]

mod boundary;
mod compile;
pub mod component;
mod contract;
mod engine;
mod error;
#[cfg(test)]
#[path = "../tests/fuzz/mod.rs"]
mod fuzz;
mod gate;
mod grants;
mod imports;
mod instance;
mod limits;
mod load;
mod plugin;
mod roles;
mod text;

pub use boundary::schema::plain;
pub use boundary::wire::{
    Checkpoint, PluginError, Predicate, ReadRequest, Receipt, Recovery, Reject, RowError,
};
pub use compile::{COMPILE_ARGUMENT, Compiler, compile_stdin};
pub use contract::CONTRACT_VERSION;
pub use engine::Sandbox;
pub use error::SandboxError;
pub use gate::{HttpAttempt, MailAttempt, SendGate, SendOutcome};
pub use grants::{Folder, FolderError, Granted};
pub use instance::cancel::Cancel;
pub use instance::reports::Notice;
pub use limits::{Budget, CROSSING_MAX_BYTES, PluginLimits};
pub use load::Metadata;
pub use plugin::{Code, Plugin, PluginFile};
pub use roles::aggregate::{AggregateFunction, Groups};
pub use roles::scalar::{BoundScalar, ScalarFunction};
pub use roles::sink::{COMPLAINED, SinkTerms, SinkWriter, Target, UNKNOWN};
pub use roles::source::{PartitionColumn, SourceReader, SourceStep, StreamFacts};
pub use roles::table::{
    BoundTable, InputPort, OperatorStep, OptionFacts, PortFacts, TableFunction, TableOperator,
};
