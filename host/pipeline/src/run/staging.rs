//! Staging: plans run on the query runtime into files of one table that no snapshot names yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::ExecutionPlan;
use futures::TryStreamExt as _;
use tokio::runtime::Handle;

use super::error::RunError;
use super::guards::{LeftOut, RowFilter, RowRules};
use super::open::OpenProject;
use super::task::joined;
use super::unpublished::UnpublishedTables;
use crate::plan::Query;
use crate::query::{QueryError, Session};
use crate::store::{Run, Snapshot, StagedTable, StagedWriter, StepRecord, lake_name};
use tsugi_core::name::TableName;

/// What the steps of a run read; none of it changes while they are executed.
#[derive(Clone, Copy)]
pub(super) struct RunContext<'r> {
    pub(super) open: &'r OpenProject,
    pub(super) run: &'r Run,
    /// The runtime on which queries compute.
    pub(super) query: &'r Handle,
    /// Which rows may land.
    pub(super) rules: &'r dyn RowRules,
    /// What is published.
    pub(super) snapshot: &'r Snapshot,
    /// What earlier runs staged and did not publish.
    pub(super) unpublished: &'r UnpublishedTables,
    /// The fingerprints of the published tables.
    pub(super) before: &'r BTreeMap<TableName, StepRecord>,
}

impl RunContext<'_> {
    /// Makes the plan of a table executable.
    pub(super) async fn physical(
        &self,
        table: &TableName,
        plan: &LogicalPlan,
    ) -> Result<Arc<dyn ExecutionPlan>, RunError> {
        let planned = self.open.session.physical(plan).await;
        planned.map_err(|source| RunError::Step {
            table: table.clone(),
            source,
        })
    }

    /// Runs a plan into staged files; they become the table that later steps read.
    pub(super) async fn stage(
        &self,
        table: &TableName,
        plan: &LogicalPlan,
    ) -> Result<(StagedTable, LeftOut), RunError> {
        let physical = self.physical(table, plan).await?;
        let writer = self.run.stage(table, &physical.schema()).await?;
        let (name, session) = (table.clone(), Arc::clone(&self.open.session));
        let mut landing = self.landing(table, writer);
        let task = self.query.spawn(async move {
            landing.write_all(&name, &session, physical).await?;
            landing.close()
        });
        let (staged, left_out) = joined(task).await??;
        self.open.session.put(table, staged.provider());
        Ok((staged, left_out))
    }

    /// A writer of one table with the filter of its rows.
    pub(super) fn landing(&self, table: &TableName, writer: StagedWriter) -> Landing {
        Landing {
            writer,
            filter: self.rules.filter(table),
        }
    }
}

/// Writes the rows of a table that may land.
pub(super) struct Landing {
    writer: StagedWriter,
    filter: Option<Box<dyn RowFilter>>,
}

impl Landing {
    pub(super) fn write(&mut self, batch: RecordBatch) -> Result<(), RunError> {
        let batch = match &mut self.filter {
            Some(filter) => filter.rows(batch)?,
            None => batch,
        };
        Ok(self.writer.write(&batch)?)
    }

    /// Executes a plan and writes its rows; runs on the query runtime.
    pub(super) async fn write_all(
        &mut self,
        table: &TableName,
        session: &Session,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<(), RunError> {
        let failed = |source| RunError::Step {
            table: table.clone(),
            source,
        };
        let engine = |error| failed(QueryError::from_engine(error));
        let mut rows = session.stream(plan).map_err(failed)?;
        while let Some(batch) = rows.try_next().await.map_err(engine)? {
            self.write(batch)?;
        }
        Ok(())
    }

    /// The staged files, with counts of the rows that may not land.
    pub(super) fn close(self) -> Result<(StagedTable, LeftOut), RunError> {
        let left_out = self.filter.map(|filter| filter.left_out());
        Ok((self.writer.close()?, left_out.unwrap_or_default()))
    }
}

/// Whether a table is among the staged ones.
pub(super) fn is_staged(staged: &[StagedTable], table: &TableName) -> bool {
    let name = lake_name(table);
    staged.iter().any(|staged| staged.table == name)
}

/// Whether an input was computed again in this run, as after `tsugi forget` under the same
/// fingerprint.
pub(super) fn reads_staged(query: &Query, staged: &[StagedTable]) -> bool {
    query.inputs.iter().any(|input| is_staged(staged, input))
}
