//! The execution of a plan: tables of sources land, models are staged, checks run, all is published.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use datafusion::arrow::array::RecordBatch;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::LogicalPlan;
use tokio::runtime::Handle;

use super::check::checks;
use super::error::RunError;
use super::event::{Event, Watch};
use super::executed::{Executed, Progress, StreamOutcome, TableOutcome, elapsed_ms};
use super::failures::Failures;
use super::guards::{Redact, RowRules};
use super::housekeeping::without_lost;
use super::open::OpenProject;
use super::publish::publish;
use super::reading::read_stream;
use super::report::Report;
use super::seed::seed_rows;
use super::staging::{RunContext, reads_staged};
use super::unpublished::UnpublishedTables;
use super::versions::upgraded;
use crate::plan::fingerprint::Fingerprint;
use crate::plan::{Plan, Read, Step};
use crate::project::lock::Lock;
use crate::query::{QueryError, explain};
use crate::store::{Run, WarehouseError};
use tsugi_core::diagnostic::Diagnostic;
use tsugi_core::name::TableName;

pub(super) async fn execute(
    open: &OpenProject,
    run: Run,
    rules: &dyn RowRules,
    query: &Handle,
    watch: &dyn Watch,
) -> Result<Report, RunError> {
    let started = Instant::now();
    watch.notify(Event::Started { run: run.id() });
    let snapshot = run.warehouse().snapshot().await?;
    let mut before = run.warehouse().steps(&snapshot).await?;
    let lost = without_lost(&open.plan, &snapshot, run.number(), &mut before);
    let unpublished = UnpublishedTables::of(&run).await?;
    let context = RunContext {
        open,
        run: &run,
        query,
        rules,
        snapshot: &snapshot,
        unpublished: &unpublished,
        before: &before,
    };
    let executed = match all_steps(&context, watch).await {
        Ok(mut executed) => {
            executed.report.changes.extend(lost);
            executed
        }
        Err(error) => return Err(given_up(open, run, error).await),
    };
    let upgraded = upgraded(run.warehouse()).await?;
    let mut report = publish(open, run, query, watch, &snapshot, executed).await?;
    unpublished.discard_others();
    report
        .changes
        .extend(upgraded.filter(|_| report.made() > 0));
    report.elapsed_ms = elapsed_ms(started);
    Ok(report)
}

/// Makes some tables and what they read, as a run would, and publishes none. The session then has them;
/// what was staged is kept for the next run.
pub(super) async fn make(
    open: &OpenProject,
    run: Run,
    wanted: &BTreeSet<TableName>,
    rules: &dyn RowRules,
    query: &Handle,
    watch: &dyn Watch,
) -> Result<(), RunError> {
    let snapshot = run.warehouse().snapshot().await?;
    let mut before = run.warehouse().steps(&snapshot).await?;
    without_lost(&open.plan, &snapshot, run.number(), &mut before);
    let unpublished = UnpublishedTables::of(&run).await?;
    let context = RunContext {
        open,
        run: &run,
        query,
        rules,
        snapshot: &snapshot,
        unpublished: &unpublished,
        before: &before,
    };
    let (mut executed, mut failures) = Default::default();
    let needed = open.needed(wanted);
    let made = steps(&context, Some(&needed), &mut executed, &mut failures, watch).await;
    match made.and_then(|()| failures.end(executed.staged.len())) {
        Ok(()) => Ok(run.previewed().await?),
        Err(error) => Err(given_up(open, run, error).await),
    }
}

/// Ends a run that failed; the error as it may be shown.
async fn given_up(open: &OpenProject, run: Run, error: RunError) -> RunError {
    if is_full(&error) {
        // What is kept takes the room that is wanted.
        let _ = run.warehouse().drop_unpublished();
    }
    // The first failure is the cause; a second one from ending the run would hide it.
    let _ = run.failed().await;
    redacted(error, &open.plan, open.guards.redact)
}

/// Executes every step of a plan and its checks.
async fn all_steps(context: &RunContext<'_>, watch: &dyn Watch) -> Result<Executed, RunError> {
    lock(context.open)?;
    verify(context).await?;
    let (mut executed, mut failures) = (Executed::default(), Failures::default());
    steps(context, None, &mut executed, &mut failures, watch).await?;
    checks(context, &executed.staged, &mut failures, watch).await?;
    failures.end(executed.staged.len())?;
    Ok(executed)
}

/// Executes the steps of a plan, all or those of some tables. A step that fails keeps those that read it
/// from being executed, and no other; whatever is finished is kept for the next run.
async fn steps(
    context: &RunContext<'_>,
    only: Option<&BTreeSet<TableName>>,
    executed: &mut Executed,
    failures: &mut Failures,
    watch: &dyn Watch,
) -> Result<(), RunError> {
    let plan = &context.open.plan;
    let is_wanted = |table: &TableName| only.is_none_or(|only| only.contains(table));
    let reads = plan.reads.iter().filter(|read| is_wanted(&read.table));
    let models = plan.steps.iter().filter(|step| is_wanted(&step.table));
    let (reads, models): (Vec<_>, Vec<_>) = (reads.collect(), models.collect());
    let mut progress = Progress::new(watch, reads.len() + models.len());
    for read in reads {
        match source_table(context, read, &mut progress).await {
            Ok(Some(outcome)) => executed.add(&read.table, outcome, &mut progress),
            Ok(None) => progress.skip(),
            Err(error) => failures.add(Some(&read.table), shown(context, error))?,
        }
    }
    for step in models {
        if failures.skips(&step.query, Some(&step.table)) {
            progress.skip();
            continue;
        }
        match model_table(context, step, executed, &mut progress).await {
            Ok(outcome) => executed.add(&step.table, outcome, &mut progress),
            Err(error) => failures.add(Some(&step.table), shown(context, error))?,
        }
    }
    Ok(())
}

fn shown(context: &RunContext<'_>, error: RunError) -> RunError {
    redacted(error, &context.open.plan, context.open.guards.redact)
}

/// Plans what will be executed to the end before anything moves, so that only data can stop it.
async fn verify(context: &RunContext<'_>) -> Result<(), RunError> {
    let open = context.open;
    let mut findings = Vec::new();
    for step in &open.plan.steps {
        let before = context.before.get(&step.table);
        if before.is_some_and(|before| before.fingerprint == step.query.fingerprint.to_string()) {
            continue;
        }
        let (plan, model) = (
            open.models.get(&step.table),
            open.project.models.get(&step.table),
        );
        let (Some(plan), Some(model)) = (plan, model) else {
            continue;
        };
        if let Err(error) = open.session.verify(plan).await {
            findings.extend(explain(&model.text, &open.project, &open.session, error).await);
        }
    }
    match findings.is_empty() {
        true => Ok(()),
        false => Err(RunError::Project(findings)),
    }
}

/// Writes down with which components and grants a project runs.
fn lock(open: &OpenProject) -> Result<(), RunError> {
    let lock = Lock::of(&open.project, &open.components);
    let written = lock.write(&open.project.folder);
    written.map_err(|error| RunError::Project(vec![Diagnostic::of(&error)]))
}

/// Reads the table of a source or seed, unless it is unchanged. None for Parquet that the host reads
/// where it lies: the session knows it since the project was opened.
async fn source_table(
    context: &RunContext<'_>,
    read: &Read,
    progress: &mut Progress<'_>,
) -> Result<Option<TableOutcome>, RunError> {
    let (open, table) = (context.open, &read.table);
    let (stream, seed) = (open.streams.get(table), open.project.seeds.get(table));
    let own = open.own.get(table);
    if stream.is_none() && seed.is_none() && own.is_none() {
        return Ok(None);
    }
    if let Some(mut outcome) = unchanged(context, table, &read.fingerprint)? {
        outcome.stream = stream.map(StreamOutcome::unchanged);
        return Ok(Some(outcome));
    }
    let started = progress.start(table);
    if let Some(outcome) = context.resumed(table, &read.fingerprint, started).await? {
        record(context, table, &read.fingerprint).await?;
        return Ok(Some(outcome));
    }
    let outcome = match (stream, seed) {
        (Some(stream), _) => read_stream(context, table, stream, started).await?,
        (None, seed) => {
            let rows = match (seed, own) {
                (Some(seed), _) => seed_rows(seed)?,
                (None, Some(own)) => own.rows.clone(),
                (None, None) => return Ok(None),
            };
            let plan = open.session.read(in_memory(rows)?)?;
            stage(context, table, &plan, started).await?
        }
    };
    finished(context, table, &read.fingerprint, &outcome).await?;
    Ok(Some(outcome))
}

fn in_memory(batch: RecordBatch) -> Result<Arc<MemTable>, RunError> {
    let memory = MemTable::try_new(batch.schema(), vec![vec![batch]]);
    Ok(Arc::new(memory.map_err(QueryError::from_engine)?))
}

/// Computes the table of a model, unless it is unchanged.
async fn model_table(
    context: &RunContext<'_>,
    step: &Step,
    executed: &Executed,
    progress: &mut Progress<'_>,
) -> Result<TableOutcome, RunError> {
    let (open, table) = (context.open, &step.table);
    let fingerprint = &step.query.fingerprint;
    if !reads_staged(&step.query, &executed.staged)
        && let Some(unchanged) = unchanged(context, table, fingerprint)?
    {
        return Ok(unchanged);
    }
    let Some(planned) = open.models.get(table) else {
        return Err(RunError::Host(format!("`{table}` has no plan")));
    };
    let started = progress.start(table);
    // Rows that were read or made again may be others under the same fingerprint.
    if !executed.has_made_any(&step.query.inputs)
        && let Some(outcome) = context.resumed(table, fingerprint, started).await?
    {
        record(context, table, fingerprint).await?;
        return Ok(outcome);
    }
    let plan = open.session.current(planned);
    let plan = plan.map_err(|source| RunError::Step {
        table: table.clone(),
        source,
    })?;
    let outcome = match stage(context, table, &plan, started).await {
        Ok(outcome) => outcome,
        Err(error) => {
            let model = open.project.models.get(table);
            return Err(match model {
                Some(model) => context.located(&model.text, &plan, error).await,
                None => error,
            });
        }
    };
    finished(context, table, fingerprint, &outcome).await?;
    Ok(outcome)
}

/// Records a finished table, and keeps it should the run not publish.
async fn finished(
    context: &RunContext<'_>,
    table: &TableName,
    fingerprint: &Fingerprint,
    outcome: &TableOutcome,
) -> Result<(), RunError> {
    context.keep(table, fingerprint, outcome)?;
    record(context, table, fingerprint).await
}

/// Stages the rows of a plan.
async fn stage(
    context: &RunContext<'_>,
    table: &TableName,
    plan: &LogicalPlan,
    started: Instant,
) -> Result<TableOutcome, RunError> {
    let (staged, left_out) = context.stage(table, plan).await?;
    Ok(TableOutcome {
        started: Some(started),
        rows: staged.rows(),
        left_out,
        staged: Some(staged),
        stream: None,
        is_resumed: false,
    })
}

/// The published table where it is what this run would make; later steps read it then.
fn unchanged(
    context: &RunContext<'_>,
    table: &TableName,
    fingerprint: &Fingerprint,
) -> Result<Option<TableOutcome>, RunError> {
    let before = context.before.get(table);
    if before.is_none_or(|before| before.fingerprint != fingerprint.to_string()) {
        return Ok(None);
    }
    let found = context.snapshot.table(table)?;
    context.open.session.put(table, found.provider()?);
    Ok(Some(TableOutcome {
        rows: found.rows(),
        ..TableOutcome::default()
    }))
}

async fn record(
    context: &RunContext<'_>,
    table: &TableName,
    fingerprint: &Fingerprint,
) -> Result<(), RunError> {
    let fingerprint = fingerprint.to_string();
    context.run.record_step(table, &fingerprint).await?;
    Ok(())
}

fn is_full(error: &RunError) -> bool {
    let full = |error: &WarehouseError| {
        matches!(
            error,
            WarehouseError::Lake(ducklake::Error::DiskFull { .. })
        )
    };
    matches!(error, RunError::Warehouse(error) if full(error))
}

/// What stopped a run, without what it may quote of personal columns.
fn redacted(error: RunError, plan: &Plan, redact: &dyn Redact) -> RunError {
    let table = match &error {
        RunError::Step { table, .. } => Some(table.clone()),
        RunError::Warehouse(WarehouseError::Lake(
            ducklake::Error::Convert { table, .. } | ducklake::Error::Inexact { table, .. },
        )) => TableName::try_new(&table.schema, &table.name).ok(),
        _ => return error,
    };
    match table.is_none_or(|table| plan.sees_personal(&table)) {
        true => redact.error(error),
        false => error,
    }
}
