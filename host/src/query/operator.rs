//! A call of a table function as a node of a plan, and its execution.
//!
//! The node is plain data. At execution every input is one partition, the guest runs on a task
//! of its own, and batches stream: it is given rows when it says that it needs them. A relation that is
//! written with ORDER BY arrives in that order.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::datatypes::{Field, FieldRef, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, DFSchemaRef, Result, ScalarValue};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{
    Expr, LogicalPlan, UserDefinedLogicalNode, UserDefinedLogicalNodeCore,
};
use datafusion::physical_expr::{LexOrdering, OrderingRequirements, PhysicalExpr};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties,
};
use datafusion::physical_planner::{ExtensionPlanner, PhysicalPlanner};
use futures::StreamExt;
use tokio::sync::mpsc::Sender;

use super::error::outward;
use super::live::{PluginKey, find};
use super::stream::one_stream;
use crate::sandbox::{BoundTable, InputPort, OperatorStep, SandboxError, TableOperator};

/// Batches without rows an operator may give in a row: one that gives more is not getting on.
const EMPTY_BATCHES_MAX: usize = 10_000;
/// Batches in flight between the guest and the query.
const IN_FLIGHT: usize = 2;

/// The call, as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Call {
    key: PluginKey,
    function: String,
    ports: Vec<InputPort>,
    options: Vec<(String, ScalarValue)>,
}

impl Call {
    /// Asks the plugin what this call returns. Metadata only: no row moves.
    fn bind(&self) -> Result<Arc<BoundTable>> {
        let options: Vec<(FieldRef, ArrayRef)> = self
            .options
            .iter()
            .map(|(name, value)| {
                let field = Field::new(name, value.data_type(), true);
                Ok((Arc::new(field), value.to_array()?))
            })
            .collect::<Result<_>>()?;
        let live = find(&self.key)?;
        let bound = BoundTable::new(&live.plugin, &self.function, self.ports.clone(), &options);
        bound.map(Arc::new).map_err(outward)
    }
}

/// The logical node.
#[derive(Debug, Clone)]
pub struct TableCall {
    call: Call,
    inputs: Vec<LogicalPlan>,
    schema: DFSchemaRef,
}

impl TableCall {
    /// A call with its inputs, in the order of `ports`.
    ///
    /// # Errors
    /// When the plugin refuses the inputs or the options.
    pub fn plan(
        key: PluginKey,
        function: String,
        ports: Vec<InputPort>,
        options: Vec<(String, ScalarValue)>,
        inputs: Vec<LogicalPlan>,
    ) -> Result<Self> {
        let call = Call {
            key,
            function,
            ports,
            options,
        };
        let schema = DFSchema::try_from(call.bind()?.returns().as_ref().clone())?;
        Ok(Self {
            call,
            inputs,
            schema: Arc::new(schema),
        })
    }
}

impl PartialEq for TableCall {
    fn eq(&self, other: &Self) -> bool {
        self.call == other.call && self.inputs == other.inputs
    }
}

impl Eq for TableCall {}

impl Hash for TableCall {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.call.hash(state);
        self.inputs.hash(state);
    }
}

impl PartialOrd for TableCall {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self == other).then_some(Ordering::Equal)
    }
}

impl UserDefinedLogicalNodeCore for TableCall {
    fn name(&self) -> &str {
        "TableCall"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "TableCall: {}", self.call.function)
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        Ok(Self {
            inputs,
            ..self.clone()
        })
    }
}

/// Turns the logical node into the one that runs.
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
        let schema = Arc::new(node.schema.as_arrow().clone());
        let orders = logical_inputs
            .iter()
            .zip(physical_inputs)
            .map(|(written, input)| {
                let order = input.output_ordering().filter(|_| is_sorted(written));
                order.cloned()
            })
            .collect();
        let plan = TableCallExec::new(node.call.clone(), physical_inputs.to_vec(), orders, schema);
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

/// The call as it runs.
#[derive(Debug)]
struct TableCallExec {
    call: Call,
    inputs: Vec<Arc<dyn ExecutionPlan>>,
    /// By input: the order in which it was written, and must arrive.
    orders: Vec<Option<LexOrdering>>,
    properties: Arc<PlanProperties>,
}

impl TableCallExec {
    fn new(
        call: Call,
        inputs: Vec<Arc<dyn ExecutionPlan>>,
        orders: Vec<Option<LexOrdering>>,
        schema: SchemaRef,
    ) -> Self {
        let properties = one_stream(schema);
        Self {
            call,
            inputs,
            orders,
            properties,
        }
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
        let schema = Arc::clone(self.properties.eq_properties.schema());
        let orders = self.orders.clone();
        Ok(Arc::new(Self::new(
            self.call.clone(),
            children,
            orders,
            schema,
        )))
    }

    fn execute(
        &self,
        _partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let schema = Arc::clone(self.properties.eq_properties.schema());
        let mut streams = Vec::with_capacity(self.inputs.len());
        for input in &self.inputs {
            streams.push(Some(input.execute(0, Arc::clone(&context))?));
        }
        let call = self.call.clone();
        let mut builder = RecordBatchReceiverStream::builder(schema, IN_FLIGHT);
        let sender = builder.tx();
        builder.spawn(async move { run(call, streams, sender).await });
        Ok(builder.build())
    }
}

/// Runs one operator from its first pull to its end.
async fn run(
    call: Call,
    mut streams: Vec<Option<SendableRecordBatchStream>>,
    sender: Sender<Result<RecordBatch>>,
) -> Result<()> {
    let live = find(&call.key)?;
    let bound = call.bind()?;
    let budget = Some(Arc::clone(&live.budget));
    let mut operator = bound
        .open(budget, live.cancel.clone())
        .await
        .map_err(outward)?;
    let mut empty = 0;
    loop {
        match operator.pull().await.map_err(outward)? {
            OperatorStep::Finished => return Ok(()),
            OperatorStep::Need(port) => feed(&call, &mut operator, &mut streams, port).await?,
            OperatorStep::Batch(batch) if batch.num_rows() == 0 => {
                empty += 1;
                if empty > EMPTY_BATCHES_MAX {
                    return Err(stuck(&call, "it gives empty batches without end"));
                }
            }
            OperatorStep::Batch(batch) => {
                empty = 0;
                if sender.send(Ok(batch)).await.is_err() {
                    // Nobody reads any more: a LIMIT above is satisfied.
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
        Some(batch) => operator.push(port, &batch?).await.map_err(outward),
        None => {
            *slot = None;
            operator.close(port).await.map_err(outward)
        }
    }
}

fn stuck(call: &Call, what: &str) -> datafusion::common::DataFusionError {
    outward(SandboxError::Malformed {
        plugin: call.key.name.clone(),
        entry: format!("table.operator.pull of `{}`", call.function),
        what: what.to_owned(),
    })
}
