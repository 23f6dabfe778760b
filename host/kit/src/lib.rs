//! Builds the components of plugins that a project names by their crates.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod build;
mod cargo;
mod error;
mod fresh;

pub use build::{build_when_stale, crates_of};
pub use error::BuildError;

/// The compilation target of plugins.
const TARGET: &str = "wasm32-wasip2";
/// The cargo profile of plugins.
const PROFILE: &str = "plugin";
