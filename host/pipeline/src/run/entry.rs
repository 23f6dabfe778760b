//! What the crates above wait for, as boxed futures. The state machine of an `async fn` is compiled
//! where it is awaited: without the boxes the crates above would compile what this one does.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::future::BoxFuture;
use tokio::runtime::Handle;

use super::delivery::{DeliveryJob, DeliveryPolicy, DeliveryReport, DeliveryTable};
use super::error::RunError;
use super::event::Watch;
use super::guards::{Guards, RowFilter, RowRules};
use super::open::OpenProject;
use super::preview::Preview;
use super::published::Published;
use super::report::Report;
use crate::project::Project;
use crate::query::Depth;
use crate::store::Run;
use tsugi_core::name::PluginName;
use tsugi_sandbox::Sandbox;

/// Opens a project whose crates have been built.
///
/// # Errors
/// Every finding of the components, the sources and the SQL.
pub fn open<'a>(
    sandbox: &'a Sandbox,
    project: Project,
    built: &'a BTreeMap<PluginName, PathBuf>,
    started_ms: u64,
    guards: Guards,
    depth: Depth,
) -> BoxFuture<'a, Result<OpenProject, RunError>> {
    Box::pin(super::open::open(
        sandbox, project, built, started_ms, guards, depth,
    ))
}

/// Executes an opened project under a run that has begun, and publishes its tables. `rules` are
/// read while the run holds the warehouse, so that they hold until it ends.
///
/// Queries run on `query`, a runtime of their own; the catalogue is written from this one.
///
/// # Errors
/// What stopped it. Nothing is published then, and the last published tables are unchanged.
pub fn execute<'a>(
    open: &'a OpenProject,
    run: Run,
    rules: &'a dyn RowRules,
    query: &'a Handle,
    watch: &'a dyn Watch,
) -> BoxFuture<'a, Result<Report, RunError>> {
    Box::pin(super::execute::execute(open, run, rules, query, watch))
}

/// Makes the tables that a query reads as a run would, and publishes none; see [`Preview::rows`].
///
/// # Errors
/// What stopped it. What is finished is kept for the next run.
pub fn make<'a>(
    preview: &'a Preview,
    open: &'a OpenProject,
    run: Run,
    rules: &'a dyn RowRules,
    query: &'a Handle,
    watch: &'a dyn Watch,
) -> BoxFuture<'a, Result<(), RunError>> {
    Box::pin(preview.make(open, run, rules, query, watch))
}

/// Sends the rows that a policy admits.
///
/// # Errors
/// When the policy is for another kind of deliveries, or the sink or the ledger fails. What was accepted before that is in the ledger; the rest
/// is owed.
pub fn deliver<'a>(
    job: &'a DeliveryJob<'a>,
    table: &'a DeliveryTable,
    policy: &'a mut dyn DeliveryPolicy,
) -> BoxFuture<'a, Result<DeliveryReport, RunError>> {
    Box::pin(super::delivery::deliver(job, table, policy))
}

/// Sends the records of a delivery. Rows that `filter` takes out are counted and do not leave.
///
/// # Errors
/// When two rows have one key, and those of [`deliver`].
pub fn deliver_records<'a>(
    job: &'a DeliveryJob<'a>,
    published: &'a Published<'a>,
    filter: Option<Box<dyn RowFilter>>,
) -> BoxFuture<'a, Result<DeliveryReport, RunError>> {
    Box::pin(super::delivery::deliver_records(job, published, filter))
}
