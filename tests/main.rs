//! The system tests of Tsugi: one target, one folder or file a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(unreachable_pub, reason = "no crate uses a test binary")]

mod bad_input;
mod brief;
mod checked;
mod checks;
mod cli;
mod contract;
mod corpus;
mod deliver;
mod duckdb;
mod evil;
mod export;
mod functions;
mod guides;
mod http_source;
mod incremental;
mod kill;
mod large_file;
mod look;
mod note;
mod personal;
mod plain_reads;
mod printing;
mod project;
mod query;
mod real_input;
mod report;
mod resume;
mod sample_copy;
mod sample_run;
mod semantics;
mod sentiment;
mod sources_draft;
mod sql_format;
mod sql_guard;
mod support;
mod swap;
mod tidy;
mod upgrade;
mod upkeep;
mod warehouse;
mod wording;
