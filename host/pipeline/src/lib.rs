//! Pipelines: a project on disk is loaded, resolved, planned, executed and published, and its tables
//! are delivered. Top to bottom: `run` executes what `plan` decided, over what `query` understood and
//! `project` loaded; `store` keeps the published tables and what runs remember.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod plan;
pub mod project;
pub mod query;
pub mod run;
pub mod store;
