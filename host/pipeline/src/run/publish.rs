//! Publishing: quarantine tables are staged, the audit is recorded, and all tables become visible in
//! one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use tokio::runtime::Handle;

use super::error::RunError;
use super::event::{Event, Watch};
use super::executed::Executed;
use super::housekeeping::{after_rollback, dropped_sentence, former_tables};
use super::open::OpenProject;
use super::report::Report;
use super::staging::is_staged;
use super::task::collected;
use crate::plan::Plan;
use crate::query::Session;
use crate::store::{Run, Snapshot, StagedTable, Tags, set_comments};
use tsugi_core::name::TableName;

/// Publishes what the steps of a run made, and ends the run.
///
/// # Errors
/// When another client changed a table meanwhile, or the disk or the catalogue fails. Nothing is
/// published then.
pub(super) async fn publish(
    open: &OpenProject,
    mut run: Run,
    query: &Handle,
    watch: &dyn Watch,
    snapshot: &Snapshot,
    executed: Executed,
) -> Result<Report, RunError> {
    let Executed {
        mut staged,
        mut quarantine,
        mut report,
    } = executed;
    report.run = Some(run.id());
    report.changes.extend(after_rollback(snapshot, &staged));
    let former = former_tables(&open.project, &open.plan, &run, snapshot).await?;
    let dropped = former
        .iter()
        .map(|table| dropped_sentence(&open.plan, table, snapshot));
    report.changes.extend(dropped);
    for table in quarantine.to_be_carried(snapshot)? {
        let rows = rows_of(snapshot, &table, &open.session, query).await?;
        quarantine.carry(&table, &rows);
    }
    report.quarantined = quarantine.counts();
    report.failures(&open.session, &open.plan, open.guards.redact);
    run.record_audit(&report.audit(open)).await?;
    if !staged.is_empty() {
        run.record_made_of(open.plan.made_of()).await?;
    }
    if staged.is_empty() && former.is_empty() && comments(&open.plan, snapshot, &staged).is_empty()
    {
        report.snapshot = Some(snapshot.info.id);
        run.unchanged().await?;
        watch.notify(Event::Unchanged);
        return Ok(report);
    }
    for (table, batch) in quarantine.tables(&run.id(), snapshot)? {
        let mut writer = run.stage(&table, &batch.schema()).await?;
        writer.write(&batch)?;
        staged.push(writer.close()?);
        // Its rows are collected and never compared: the record says who made it.
        run.record_step(&table, "").await?;
    }
    watch.notify(Event::Publishing {
        tables: staged.len(),
    });
    run.tag(comments(&open.plan, snapshot, &staged));
    run.drop_tables(former.iter().cloned(), snapshot.info.id);
    report.dropped = former;
    let message = format!("tsugi run {}", open.project.name);
    let published = run.publish(staged, &message).await?;
    report.snapshot = Some(published);
    report.published = true;
    watch.notify(Event::Published {
        snapshot: published,
    });
    Ok(report)
}

/// The comments of columns that differ from the published ones, and those of staged tables.
fn comments(plan: &Plan, snapshot: &Snapshot, staged: &[StagedTable]) -> Tags {
    let reads = plan.reads.iter().map(|read| &read.table);
    let tables = reads.chain(plan.steps.iter().map(|step| &step.table));
    let mut tags = Tags::default();
    let personal = plan.personal.keys().filter(|table| !plan.is_view(table));
    for table in tables.chain(personal) {
        let wanted = plan.personal.get(table).cloned().unwrap_or_default();
        let published = snapshot.tables.get(table);
        let is_model = plan.steps.iter().any(|step| step.table == *table);
        let described = plan.columns.get(table).cloned();
        let described = described.or_else(|| is_model.then(BTreeMap::new));
        let is_staged = is_staged(staged, table);
        set_comments(
            &mut tags,
            table,
            published.map(|table| &**table),
            is_staged,
            &wanted,
            described.as_ref(),
        );
    }
    tags
}

/// The rows of a published table.
async fn rows_of(
    snapshot: &Snapshot,
    table: &TableName,
    session: &Arc<Session>,
    query: &Handle,
) -> Result<Vec<RecordBatch>, RunError> {
    let plan = session.read(snapshot.provider(table)?)?;
    let physical = session.physical(&plan).await?;
    collected(query, Arc::clone(session), physical).await
}
