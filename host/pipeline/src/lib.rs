//! Pipelines: a project on disk is loaded, resolved, planned, executed and published, and its tables
//! are delivered. Top to bottom: `run` executes what `plan` decided, over what `query` understood and
//! `project` loaded; `store` keeps the published tables and what runs remember.
#![deny(clippy::print_stdout, clippy::print_stderr)]
// Nothing that a file, a plugin or SQL gives may panic; tests may.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod plan;
pub mod project;
pub mod query;
pub mod run;
pub mod store;
