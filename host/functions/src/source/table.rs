//! A stream of a source plugin as a table of SQL: projection, limit and filters cross into it.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};

use super::exec::SourceExec;
use super::predicate::predicate;
use super::scan::{Scan, SourceTable};
use super::steps::SourceSteps;

/// A projection to nothing but the number of rows.
const NO_COLUMNS: [ProjectionExpr; 0] = [];

impl SourceTable {
    /// Reads the whole stream step by step. SQL returns the rows alone; here rejects, notices and
    /// checkpoints come with the rows that they belong to.
    ///
    /// # Errors
    /// When the session of the context does not hold the plugin.
    pub fn read(&self, context: &TaskContext) -> Result<SourceSteps> {
        SourceSteps::start(Scan::whole(self), context)
    }
}

#[async_trait]
impl TableProvider for SourceTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        // A plugin may return more rows than match, so DataFusion filters again.
        let pushed = |filter: &&Expr| match predicate(filter) {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(pushed).collect())
    }

    async fn scan(
        &self,
        _session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        // A batch without columns has no length in the contract: one column is read and dropped.
        let counted = projection.is_some_and(Vec::is_empty) && !self.schema.fields().is_empty();
        let first = vec![0];
        let mut scan = Scan::whole(self);
        if let Some(indices) = projection.map(|p| if counted { &first } else { p }) {
            scan.table.schema = Arc::new(self.schema.project(indices)?);
            scan.is_projected = true;
        }
        scan.filters = filters.iter().filter_map(predicate).collect();
        scan.limit = limit;
        let read = Arc::new(SourceExec::new(scan));
        if counted {
            return Ok(Arc::new(ProjectionExec::try_new(NO_COLUMNS, read)?));
        }
        Ok(read)
    }
}
