//! What the command line waits for, as boxed futures. The state machine of an `async fn` is compiled
//! where it is awaited: without the boxes a change here would be compiled once more in the binary.

use futures::future::BoxFuture;
use tokio::runtime::Handle;

use super::approve::{DecisionRequest, Unknown};
use super::error::CareError;
use super::export::Parts;
use super::forget::{Forget, Traces};
use super::review::{MessageText, Review};
use crate::store::notes::StaffNote;
use tsugi_core::name::TableName;
use tsugi_pipeline::plan::DeliveryStep;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::project::people::People;
use tsugi_pipeline::run::{DeliveryReport, OpenProject, Preview, Report, RunError, Watch};
use tsugi_pipeline::store::{Snapshot, Warehouse};

/// Executes an opened project into its warehouse and publishes.
///
/// # Errors
/// Those of [`tsugi_pipeline::run::execute`]; nothing is published then.
pub fn execute<'a>(
    open: &'a OpenProject,
    warehouse: &'a Warehouse,
    query: &'a Handle,
    watch: &'a dyn Watch,
) -> BoxFuture<'a, Result<Report, RunError>> {
    Box::pin(super::execute::execute(open, warehouse, query, watch))
}

/// Makes the tables that a query reads, for somebody to look at; nothing is published.
///
/// # Errors
/// Those of [`tsugi_pipeline::run::make`].
pub fn preview<'a>(
    preview: &'a Preview,
    open: &'a OpenProject,
    warehouse: &'a Warehouse,
    query: &'a Handle,
    watch: &'a dyn Watch,
) -> BoxFuture<'a, Result<(), RunError>> {
    Box::pin(super::execute::preview(
        preview, open, warehouse, query, watch,
    ))
}

/// Sends what is due. In a dry run the sink validates, and nothing is written.
///
/// # Errors
/// When the table cannot be delivered, or the sink or the ledger fails. What was accepted before
/// that is in the ledger; the rest is owed.
pub fn deliver<'a>(
    open: &'a OpenProject,
    step: &'a DeliveryStep,
    warehouse: &'a Warehouse,
    query: &'a Handle,
    watch: &'a dyn Watch,
    dry_run: bool,
) -> BoxFuture<'a, Result<DeliveryReport, CareError>> {
    Box::pin(super::deliver::deliver(
        open, step, warehouse, query, watch, dry_run,
    ))
}

/// The reviews of a delivery: every text for one audience.
///
/// # Errors
/// When the table cannot be read or delivered.
pub fn reviews<'a>(
    open: &'a OpenProject,
    delivery: &'a DeliveryStep,
    warehouse: &'a Warehouse,
    query: &'a Handle,
) -> BoxFuture<'a, Result<Vec<Review>, CareError>> {
    Box::pin(super::review::reviews(open, delivery, warehouse, query))
}

/// The messages of a review, as they would go out.
///
/// # Errors
/// When the table cannot be read or delivered.
pub fn message_texts<'a>(
    open: &'a OpenProject,
    delivery: &'a DeliveryStep,
    review: &'a Review,
    warehouse: &'a Warehouse,
    query: &'a Handle,
) -> BoxFuture<'a, Result<Vec<MessageText>, CareError>> {
    Box::pin(super::review::message_texts(
        open, delivery, review, warehouse, query,
    ))
}

/// The messages without a receipt, oldest first: it is not known whether they left.
///
/// # Errors
/// What the ledger says.
pub fn unknown(warehouse: &Warehouse) -> BoxFuture<'_, Result<Vec<Unknown>, CareError>> {
    Box::pin(super::approve::unknown(warehouse))
}

/// Records a person's decision on a review, when they may take it.
///
/// # Errors
/// [`CareError::MayNotDecide`] says why they may not.
pub fn decide<'a>(
    people: &'a People,
    warehouse: &'a Warehouse,
    review: &'a Review,
    request: &'a DecisionRequest<'a>,
) -> BoxFuture<'a, Result<(), CareError>> {
    Box::pin(super::approve::decide(people, warehouse, review, request))
}

/// Records what a person found out about a message without a receipt: it arrived, or it is lost
/// and owed again.
///
/// # Errors
/// [`CareError::MayNotDecide`], or what the ledger says.
pub fn settle<'a>(
    people: &'a People,
    warehouse: &'a Warehouse,
    message: &'a Unknown,
    arrived: bool,
    request: &'a DecisionRequest<'a>,
) -> BoxFuture<'a, Result<(), CareError>> {
    Box::pin(super::approve::settle(
        people, warehouse, message, arrived, request,
    ))
}

/// Records what staff note about a customer, where their role allows it.
///
/// # Errors
/// [`CareError::MayNotNote`] says why not; an unknown customer or pair, or what the ledger says.
pub fn note<'a>(
    project: &'a Project,
    warehouse: &'a Warehouse,
    snapshot: &'a Snapshot,
    note: &'a StaffNote,
) -> BoxFuture<'a, Result<(), CareError>> {
    Box::pin(super::note::note(project, warehouse, snapshot, note))
}

/// The notes about a customer as a brief shows them.
///
/// # Errors
/// What the ledger says.
pub fn noted<'a>(
    warehouse: &'a Warehouse,
    customer: &'a str,
) -> BoxFuture<'a, Result<Option<String>, CareError>> {
    Box::pin(super::note::noted(warehouse, customer))
}

/// Splits a published table by a column. No plugin is opened.
///
/// # Errors
/// A table or column that does not exist, or rows that cannot be read.
pub fn parts<'a>(
    project: &'a Project,
    warehouse: &'a Warehouse,
    snapshot: &'a Snapshot,
    table: &'a TableName,
    by: &'a str,
    query: &'a Handle,
) -> BoxFuture<'a, Result<Parts, CareError>> {
    Box::pin(super::export::parts(
        project, warehouse, snapshot, table, by, query,
    ))
}

/// Removes one person from published tables, older snapshots, quarantine, outboxes and the run
/// store, and verifies that they are gone.
///
/// # Errors
/// When no table, file or log has a person of that id, or the warehouse or the disk fails. Called
/// again it continues.
pub fn forget<'a>(
    project: &'a Project,
    warehouse: &'a Warehouse,
    request: &'a Forget<'a>,
    query: &'a Handle,
    watch: &'a dyn Watch,
) -> BoxFuture<'a, Result<Traces, CareError>> {
    Box::pin(super::forget::forget(
        project, warehouse, request, query, watch,
    ))
}
