//! The motion of a run: tables of sources land, models are staged, checks look, all is published.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use arrow::array::RecordBatch;
use datafusion::arrow;
use datafusion::datasource::MemTable;
use datafusion::physical_plan::ExecutionPlan;
use futures::TryStreamExt;
use tokio::runtime::Handle;

use super::error::RunError;
use super::event::{Event, Watch};
use super::guards::{Redact, RowRules};
use super::open::Open;
use super::quarantine::Quarantine;
use super::report::{Report, StepReport};
use super::seed::seed_rows;
use crate::diagnostic::Diagnostic;
use crate::name::TableName;
use crate::plan::fingerprint::Fingerprint;
use crate::plan::{Plan, Query, Step};
use crate::project::lock::Lock;
use crate::query::{Parsed, QueryError, Session};
use crate::warehouse::{
    self, Snapshot, StagedTable, StagedWriter, StepRecord, Tags, WarehouseError, lake_name,
    set_comments,
};

/// Executes an opened project under a run that has begun, and publishes its tables. `rules` are
/// read while the run holds the warehouse, so that they hold until it ends.
///
/// Queries run on `query`, a runtime of their own; the catalogue is written from this one.
///
/// # Errors
/// What stopped it. Nothing is published then, and the last published tables are unchanged.
pub async fn execute(
    open: &Open,
    run: warehouse::Run,
    rules: &dyn RowRules,
    query: &Handle,
    watch: &dyn Watch,
) -> Result<Report, RunError> {
    let started = Instant::now();
    watch.tell(Event::Started { run: run.id() });
    let warehouse = run.warehouse();
    let snapshot = warehouse.snapshot().await?;
    let before = warehouse.steps(&snapshot).await?;
    let mut motion = Motion {
        open,
        run,
        query,
        watch,
        snapshot,
        before,
        rules,
        staged: Vec::new(),
        quarantine: Quarantine::default(),
        report: Report::default(),
        of: open.plan.reads.len() + open.plan.steps.len(),
        number: 0,
    };
    match motion.all().await {
        Ok(()) => motion.finish(started).await,
        Err(error) => {
            // The first failure is the cause; a second one from ending the run would hide it.
            let _ = motion.run.failed().await;
            Err(redacted(error, &open.plan, open.guards.redact))
        }
    }
}

/// Writes down with which components and grants a project runs.
fn lock(open: &Open) -> Result<(), RunError> {
    let lock = Lock::of(&open.project, &open.components);
    let written = lock.write(&open.project.folder);
    written.map_err(|error| RunError::Project(vec![Diagnostic::of(&error)]))
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

/// A run on its way.
pub(super) struct Motion<'r> {
    pub(super) open: &'r Open,
    pub(super) run: warehouse::Run,
    pub(super) query: &'r Handle,
    pub(super) watch: &'r dyn Watch,
    pub(super) snapshot: Snapshot,
    pub(super) before: BTreeMap<TableName, StepRecord>,
    pub(super) rules: &'r dyn RowRules,
    pub(super) staged: Vec<StagedTable>,
    pub(super) quarantine: Quarantine,
    pub(super) report: Report,
    of: usize,
    number: usize,
}

impl Motion<'_> {
    async fn all(&mut self) -> Result<(), RunError> {
        lock(self.open)?;
        for read in &self.open.plan.reads {
            self.read(&read.table, &read.fingerprint).await?;
        }
        for step in &self.open.plan.steps {
            self.model(step).await?;
        }
        self.checks().await
    }

    /// A table of a source or seed.
    async fn read(&mut self, table: &TableName, fingerprint: &Fingerprint) -> Result<(), RunError> {
        let open = self.open;
        if let Some(stream) = open.streams.get(table) {
            if self.stands(table, fingerprint)? {
                self.quarantine.stands(&stream.source, &stream.facts.name);
                return Ok(());
            }
            self.stream(table, stream, fingerprint).await?;
        } else if let Some(seed) = open.project.seeds.get(table) {
            if self.stands(table, fingerprint)? {
                return Ok(());
            }
            let clock = self.start(table);
            let batch = seed_rows(seed)?;
            let memory = MemTable::try_new(batch.schema(), vec![vec![batch]]);
            let provider = Arc::new(memory.map_err(QueryError::from_engine)?);
            let plan = open.session.read(provider)?;
            let rows = self.stage(table, &plan).await?;
            self.end(table, fingerprint, rows, 0, clock).await?;
        } else {
            // Parquet that the host reads where it lies: known to the session since `open`.
            self.number += 1;
        }
        Ok(())
    }

    async fn model(&mut self, step: &Step) -> Result<(), RunError> {
        let open = self.open;
        let (table, fingerprint) = (&step.table, &step.query.fingerprint);
        let Some(model) = open.project.models.get(table) else {
            return Ok(());
        };
        if !self.reads_staged(&step.query) && self.stands(table, fingerprint)? {
            return Ok(());
        }
        let clock = self.start(table);
        let failed = |source| RunError::Step {
            table: table.clone(),
            source,
        };
        let mut parsed = Parsed::new(model.text.file(), model.text.body()).map_err(failed)?;
        parsed.bind(&open.project.vars).map_err(failed)?;
        let plan = open.session.plan(&parsed).await.map_err(failed)?;
        let rows = self.stage(table, &plan).await?;
        self.end(table, fingerprint, rows, 0, clock).await
    }

    /// Whether an input was made anew in this run, as after `tsugi forget` under the same fingerprint.
    pub(super) fn reads_staged(&self, query: &Query) -> bool {
        query.inputs.iter().any(|input| self.is_staged(input))
    }

    fn is_staged(&self, table: &TableName) -> bool {
        let name = lake_name(table);
        self.staged.iter().any(|staged| staged.table == name)
    }

    /// Whether a published table is what this run would make; then it is used as it stands.
    fn stands(&mut self, table: &TableName, fingerprint: &Fingerprint) -> Result<bool, RunError> {
        let same = self
            .before
            .get(table)
            .is_some_and(|b| b.fingerprint == fingerprint.to_string());
        if !same {
            return Ok(false);
        }
        let found = self.snapshot.table(table)?;
        let rows = found.rows();
        self.open.session.put(table, found.provider()?);
        self.number += 1;
        self.finished(table, rows, 0, true, 0);
        Ok(true)
    }

    pub(super) fn start(&mut self, table: &TableName) -> Instant {
        self.number += 1;
        let (number, of) = (self.number, self.of);
        self.watch.tell(Event::StepStarted {
            table: table.clone(),
            number,
            of,
        });
        Instant::now()
    }

    /// Runs a plan into staged files and makes them the table that later steps read.
    async fn stage(
        &mut self,
        table: &TableName,
        plan: &datafusion::logical_expr::LogicalPlan,
    ) -> Result<u64, RunError> {
        let physical = self.physical(table, plan).await?;
        let writer = self.run.stage(table, &physical.schema()).await?;
        let staged = self.filled(table, vec![physical], writer).await?;
        self.open.session.put(table, staged.provider());
        let rows = staged.rows();
        self.staged.push(staged);
        Ok(rows)
    }

    /// Makes the plan of a table ready to run.
    pub(super) async fn physical(
        &self,
        table: &TableName,
        plan: &datafusion::logical_expr::LogicalPlan,
    ) -> Result<Arc<dyn ExecutionPlan>, RunError> {
        let planned = self.open.session.physical(plan).await;
        planned.map_err(|source| RunError::Step {
            table: table.clone(),
            source,
        })
    }

    /// Runs plans on the query runtime into a writer, one after the other; what may not land is
    /// left out and counted.
    pub(super) async fn filled(
        &mut self,
        table: &TableName,
        plans: Vec<Arc<dyn ExecutionPlan>>,
        mut writer: StagedWriter,
    ) -> Result<StagedTable, RunError> {
        let (name, session) = (table.clone(), Arc::clone(&self.open.session));
        let mut filter = self.rules.filter(table);
        let task = self.query.spawn(async move {
            let failed = |source| RunError::Step {
                table: name.clone(),
                source,
            };
            let engine = |error| failed(QueryError::from_engine(error));
            for plan in plans {
                let mut stream = session.stream(plan).map_err(failed)?;
                while let Some(batch) = stream.try_next().await.map_err(engine)? {
                    let batch = match &mut filter {
                        Some(filter) => filter.rows(batch)?,
                        None => batch,
                    };
                    writer.write(&batch)?;
                }
            }
            let left_out = filter.map(|filter| filter.left_out());
            Ok::<_, RunError>((writer.close()?, left_out.unwrap_or_default()))
        });
        let (staged, left_out) = joined(task).await??;
        self.report.left_out(table, left_out);
        Ok(staged)
    }

    pub(super) async fn end(
        &mut self,
        table: &TableName,
        fingerprint: &Fingerprint,
        rows: u64,
        rejected: u64,
        clock: Instant,
    ) -> Result<(), RunError> {
        self.run
            .record_step(table, &fingerprint.to_string())
            .await?;
        let elapsed_ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.finished(table, rows, rejected, false, elapsed_ms);
        Ok(())
    }

    pub(super) fn finished(
        &mut self,
        table: &TableName,
        rows: u64,
        rejected: u64,
        reused: bool,
        elapsed_ms: u64,
    ) {
        let step = StepReport {
            table: table.clone(),
            rows,
            rejected,
            reused,
            elapsed_ms,
        };
        self.report.steps.push(step);
        self.watch.tell(Event::StepFinished {
            table: table.clone(),
            number: self.number,
            of: self.of,
            rows,
            rejected,
            reused,
            elapsed_ms,
        });
    }

    /// The rows of a published table.
    async fn published(&self, table: &TableName) -> Result<Vec<RecordBatch>, RunError> {
        let session = &self.open.session;
        let plan = session.read(self.snapshot.provider(table)?)?;
        let physical = session.physical(&plan).await?;
        collected(self.query, Arc::clone(session), physical).await
    }

    /// The comments of columns that differ from the published ones, and those of staged tables.
    fn tags(&self) -> Tags {
        let plan = &self.open.plan;
        let made = plan.reads.iter().map(|read| &read.table);
        let all = made.chain(plan.steps.iter().map(|step| &step.table));
        let mut tags = Tags::default();
        let personal = plan.personal.keys().filter(|table| !plan.is_view(table));
        for table in all.chain(personal) {
            let wanted = plan.personal.get(table).cloned().unwrap_or_default();
            let published = self.snapshot.tables.get(table).map(|table| &**table);
            let described = plan.columns.get(table).cloned().unwrap_or_default();
            let is_staged = self.is_staged(table);
            set_comments(&mut tags, table, published, is_staged, &wanted, &described);
        }
        tags
    }

    async fn finish(mut self, started: Instant) -> Result<Report, RunError> {
        self.report.run = Some(self.run.id());
        for view in &self.open.plan.views {
            if self.snapshot.tables.contains_key(&view.table) {
                self.report.changes.insert(format!(
                    "{} is a view now; the table of that name that an earlier run published is no longer updated",
                    view.table
                ));
            }
        }
        for table in self.quarantine.to_be_carried(&self.snapshot)? {
            let rows = self.published(&table).await?;
            self.quarantine.carry(&table, &rows);
        }
        self.report.rejected = self.quarantine.counts();
        let (open, redact) = (self.open, self.open.guards.redact);
        self.report.failures(&open.session, &open.plan, redact);
        let audit = self.report.audit(self.open);
        self.run.record_audit(&audit).await?;
        if self.staged.is_empty() && self.tags().is_empty() {
            self.report.snapshot = Some(self.snapshot.info.id);
            self.run.unchanged().await?;
            self.watch.tell(Event::Unchanged);
        } else {
            let quarantine = std::mem::take(&mut self.quarantine);
            for (table, batch) in quarantine.tables(&self.run.id(), &self.snapshot)? {
                let mut writer = self.run.stage(&table, &batch.schema()).await?;
                writer.write(&batch)?;
                self.staged.push(writer.close()?);
            }
            self.watch.tell(Event::Publishing {
                tables: self.staged.len(),
            });
            let message = format!("tsugi run {}", self.open.project.name);
            self.run.tag(self.tags());
            let snapshot = self.run.publish(self.staged, &message).await?;
            self.report.snapshot = Some(snapshot);
            self.report.published = true;
            self.watch.tell(Event::Published { snapshot });
        }
        self.report.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(self.report)
    }
}

/// Runs a plan on the query runtime and keeps its rows.
pub(super) async fn collected(
    query: &Handle,
    session: Arc<Session>,
    physical: Arc<dyn ExecutionPlan>,
) -> Result<Vec<RecordBatch>, RunError> {
    let task = query.spawn(async move {
        let stream = session.stream(physical)?;
        let rows: Vec<RecordBatch> = stream
            .try_collect()
            .await
            .map_err(QueryError::from_engine)?;
        Ok::<_, RunError>(rows)
    });
    joined(task).await?
}

/// Waits for a task of the query runtime; dropping the wait stops the task.
///
/// # Errors
/// When the task panicked or its runtime ended.
pub async fn joined<T>(task: tokio::task::JoinHandle<T>) -> Result<T, RunError> {
    struct Stop(tokio::task::AbortHandle);
    impl Drop for Stop {
        fn drop(&mut self) {
            self.0.abort();
        }
    }
    let _stop = Stop(task.abort_handle());
    task.await
        .map_err(|error| RunError::Host(error.to_string()))
}
