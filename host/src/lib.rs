//! Tsugi: the host that runs SQL pipelines over CRM and ERP exports with sandboxed plugins.
//!
//! The floors, top to bottom; a module uses only what stands below it. ARCHITECTURE.md tells
//! what each is for and how one run goes through them.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod care;
pub mod cli;
pub mod kit;
pub mod run;
// Decided and written stand beside each other: plan is pure data over both.
pub mod plan;
pub mod store;
pub use store as warehouse;

pub mod query;
pub use tsugi_functions as functions;
pub use tsugi_sandbox as sandbox;

pub mod project;

pub use tsugi_core::{count, diagnostic, name};
