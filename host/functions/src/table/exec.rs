//! The execution of a table function: batches stream through a guest on a task of its own.
//!
//! Every input is one partition, and the guest pulls rows when it needs them. A relation that is
//! written with ORDER BY arrives in that order.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{LogicalPlan, UserDefinedLogicalNode};
use datafusion::physical_expr::{LexOrdering, OrderingRequirements, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties,
};
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};
use futures::StreamExt;
use tokio::sync::mpsc::Sender;

use super::call::{Call, TableCall};
use crate::error::external;
use crate::live::LivePlugin;
use crate::set::find;
use crate::single::one_stream;
use tsugi_sandbox::{OperatorStep, SandboxError, TableOperator};

/// Batches without rows that an operator may return in a row before it counts as stuck.
const EMPTY_BATCHES_MAX: usize = 10_000;
/// Batches in flight between the guest and the query.
const IN_FLIGHT: usize = 2;

/// Plans calls of plugins' table functions. A session with a query planner of its own adds this to
/// it; otherwise [`install`](crate::install) does.
#[derive(Debug)]
pub struct TableCallPlanner;

#[async_trait]
impl ExtensionPlanner for TableCallPlanner {
    async fn plan_extension(
        &self,
        _planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        _session: &dyn datafusion::catalog::Session,
        _context: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let Some(node) = node.as_any().downcast_ref::<TableCall>() else {
            return Ok(None);
        };
        let columns = node.columns();
        let sorted = logical_inputs.iter().map(|written| is_sorted(written));
        let plan = TableCallExec::sorted_as_inputs(
            node.call.clone(),
            physical_inputs.to_vec(),
            sorted,
            columns,
        );
        Ok(Some(Arc::new(plan)))
    }
}

/// Whether a relation ends in an ORDER BY.
fn is_sorted(written: &LogicalPlan) -> bool {
    match written {
        LogicalPlan::Sort(_) => true,
        LogicalPlan::Projection(projection) => is_sorted(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => is_sorted(&alias.input),
        _ => false,
    }
}

#[derive(Debug)]
pub(crate) struct TableCallExec {
    pub(crate) call: Call,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    /// By input: the order in which it was written, and must arrive.
    orders: Vec<Option<LexOrdering>>,
    properties: Arc<PlanProperties>,
}

impl TableCallExec {
    /// A call whose `sorted` inputs must keep the order that they have now.
    pub(crate) fn sorted_as_inputs(
        call: Call,
        inputs: Vec<Arc<dyn ExecutionPlan>>,
        sorted: impl IntoIterator<Item = bool>,
        columns: SchemaRef,
    ) -> Self {
        let order = |(input, sorted): (&Arc<dyn ExecutionPlan>, bool)| {
            input.output_ordering().filter(|_| sorted).cloned()
        };
        let orders = inputs.iter().zip(sorted).map(order).collect();
        Self {
            call,
            orders,
            inputs,
            properties: one_stream(columns),
        }
    }

    /// Which inputs must arrive in an order.
    pub(crate) fn sorted(&self) -> Vec<bool> {
        self.orders.iter().map(Option::is_some).collect()
    }
}

impl DisplayAs for TableCallExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "TableCallExec: {}", self.call.function)
    }
}

impl ExecutionPlan for TableCallExec {
    fn name(&self) -> &str {
        "TableCallExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::SinglePartition; self.inputs.len()])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let required = |order: &Option<LexOrdering>| order.clone().map(OrderingRequirements::from);
        self.orders.iter().map(required).collect()
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false; self.inputs.len()]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.inputs.iter().collect()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self {
            call: self.call.clone(),
            inputs: children,
            orders: self.orders.clone(),
            properties: Arc::clone(&self.properties),
        }))
    }

    fn execute(
        &self,
        _partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let live = find(context.session_config(), &self.call.key)?;
        let mut streams = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            streams.push(Some(input.execute(0, Arc::clone(&context))?));
        }
        let call = self.call.clone();
        let mut builder = RecordBatchReceiverStream::builder(self.schema(), IN_FLIGHT);
        let sender = builder.tx();
        builder.spawn(async move { run(call, &live, streams, sender).await });
        Ok(builder.build())
    }
}

/// Runs one operator from its first pull to its end.
async fn run(
    call: Call,
    live: &LivePlugin,
    mut streams: Vec<Option<SendableRecordBatchStream>>,
    sender: Sender<Result<RecordBatch>>,
) -> Result<()> {
    let bound = call.bind(live)?;
    let budget = Some(Arc::clone(&live.budget));
    let mut operator = bound
        .open(budget, live.cancel.clone())
        .await
        .map_err(external)?;
    let mut empty = 0;
    loop {
        match operator.pull().await.map_err(external)? {
            OperatorStep::Finished => return Ok(()),
            OperatorStep::Need(port) => feed(&call, &mut operator, &mut streams, port).await?,
            OperatorStep::Batch(batch) if batch.num_rows() == 0 => {
                empty += 1;
                if empty > EMPTY_BATCHES_MAX {
                    return Err(stuck(&call, "it returns empty batches without end"));
                }
            }
            OperatorStep::Batch(batch) => {
                empty = 0;
                if sender.send(Ok(batch)).await.is_err() {
                    // The receiver is closed: a LIMIT above is satisfied.
                    return Ok(());
                }
            }
        }
    }
}

async fn feed(
    call: &Call,
    operator: &mut TableOperator,
    streams: &mut [Option<SendableRecordBatchStream>],
    port: usize,
) -> Result<()> {
    let ended = || stuck(call, "it asks for rows of a relation that has ended");
    let slot = streams.get_mut(port).ok_or_else(ended)?;
    let stream = slot.as_mut().ok_or_else(ended)?;
    match stream.next().await {
        Some(batch) => {
            // Columns behind those of the port are there for the order alone.
            let width = call.ports.get(port).map_or(0, |port| port.fields.len());
            let columns: Vec<usize> = (0..width).collect();
            let batch = batch?.project(&columns)?;
            operator.push(port, &batch).await.map_err(external)
        }
        None => {
            *slot = None;
            operator.close(port).await.map_err(external)
        }
    }
}

fn stuck(call: &Call, what: &str) -> DataFusionError {
    external(SandboxError::Malformed {
        plugin: call.key.name.clone(),
        entry: format!("table.operator.pull of `{}`", call.function),
        what: what.to_owned(),
    })
}
