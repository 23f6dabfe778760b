//! The scan of a stream as a node of a physical plan.

use std::fmt;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::stream::try_unfold;

use super::scan::Scan;
use super::steps::SourceSteps;
use crate::error::FunctionError;
use crate::single::one_stream;

/// The physical node. Rows alone go on: it counts rejects in its metrics.
#[derive(Debug)]
pub(crate) struct SourceExec {
    pub(crate) scan: Scan,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl SourceExec {
    pub(crate) fn new(scan: Scan) -> Self {
        Self {
            properties: one_stream(Arc::clone(&scan.table.schema)),
            scan,
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }
}

impl DisplayAs for SourceExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        let (stream, filters) = (&self.scan.table.stream, self.scan.filters.len());
        write!(f, "SourceExec: {stream}, filters: {filters}")?;
        match self.scan.limit {
            Some(limit) => write!(f, ", limit: {limit}"),
            None => Ok(()),
        }
    }
}

impl ExecutionPlan for SourceExec {
    fn name(&self) -> &str {
        "SourceExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rejects = MetricBuilder::new(&self.metrics).counter("rejects", partition);
        let steps = SourceSteps::start(self.scan.clone(), &context)?;
        let rows = try_unfold((steps, rejects), |(mut steps, rejects)| async move {
            while let Some(step) = steps.next().await.map_err(FunctionError::from)? {
                rejects.add(step.rejects.len());
                if let Some(rows) = step.rows {
                    return Ok(Some((rows, (steps, rejects))));
                }
            }
            Ok(None)
        });
        let schema = Arc::clone(&self.scan.table.schema);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}
