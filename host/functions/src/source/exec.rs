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

use super::steps::SourceSteps;
use super::table::SourceTable;
use crate::error::FunctionError;
use crate::single::one_stream;
use tsugi_sandbox::{CROSSING_MAX_BYTES, Predicate, ReadRequest};

/// Rows requested of a source at once.
const BATCH_ROWS: u32 = 8192;

/// What is read of a stream, as plain data.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scan {
    /// The stream, with the columns that are read of it.
    pub(crate) table: SourceTable,
    /// Whether these are some of the columns, in an order of the query.
    pub(crate) is_projected: bool,
    pub(crate) filters: Vec<Predicate>,
    pub(crate) limit: Option<usize>,
}

impl Scan {
    pub(super) fn whole(table: &SourceTable) -> Self {
        Self {
            table: table.clone(),
            is_projected: false,
            filters: Vec::new(),
            limit: None,
        }
    }

    pub(super) fn request(&self) -> ReadRequest {
        let bytes = u32::try_from(CROSSING_MAX_BYTES).unwrap_or(u32::MAX);
        let SourceTable {
            stream,
            since,
            schema,
            ..
        } = &self.table;
        let mut request = ReadRequest::whole(stream, BATCH_ROWS, bytes);
        if !since.is_empty() {
            request.mode = "incremental".into();
        }
        let names = schema.fields().iter().map(|field| field.name().clone());
        request.columns = self.is_projected.then(|| names.collect());
        request.filters.clone_from(&self.filters);
        request.limit = self.limit.map(|limit| limit as f64);
        request.since.clone_from(since);
        request
    }
}

/// The physical node. Rows alone go on: it counts the rejected ones in its metrics.
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
        let rejected = MetricBuilder::new(&self.metrics).counter("rejected_rows", partition);
        let steps = SourceSteps::start(self.scan.clone(), &context)?;
        let rows = try_unfold((steps, rejected), |(mut steps, rejected)| async move {
            while let Some(step) = steps.next().await.map_err(FunctionError::from)? {
                rejected.add(step.rejects.len());
                if let Some(rows) = step.rows {
                    return Ok(Some((rows, (steps, rejected))));
                }
            }
            Ok(None)
        });
        let schema = Arc::clone(&self.scan.table.schema);
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}
