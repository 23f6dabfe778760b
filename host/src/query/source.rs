//! A stream of a source plugin as a table of SQL: projection, limit and filters cross into it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, ScalarValue};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{
    BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType,
};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::stream::RecordBatchReceiverStream;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use tokio::sync::mpsc::Sender;

use super::error::outward;
use super::live::{PluginKey, Told, find};
use super::stream::one_stream;
use crate::sandbox::{
    CROSSING_MAX_BYTES, Checkpoint, Predicate, ReadRequest, SandboxError, StreamFacts,
};

/// Rows a source is asked for at once.
const BATCH_ROWS: u32 = 8192;
/// A projection to nothing but the number of rows.
const NO_COLUMNS: [ProjectionExpr; 0] = [];
/// Batches in flight between the guest and the query.
const IN_FLIGHT: usize = 2;
/// Steps that bring nothing before a source is told to be stuck.
const EMPTY_STEPS_MAX: usize = 100_000;
/// Longest wait between two steps that bring something: servers count requests by the quarter of an
/// hour at most.
const WAIT_MAX_MS: u64 = 20 * 60 * 1000;

/// One stream of one source, as plain data.
#[derive(Debug, Clone)]
pub struct SourceTable {
    key: PluginKey,
    config: String,
    stream: String,
    since: Vec<Checkpoint>,
    schema: SchemaRef,
}

impl SourceTable {
    /// The stream `facts` describe, read with `config`; with checkpoints only what is new.
    pub fn new(
        key: PluginKey,
        config: String,
        facts: &StreamFacts,
        since: Vec<Checkpoint>,
    ) -> Self {
        let schema = Arc::new(Schema::new(facts.fields.clone()));
        Self {
            key,
            config,
            stream: facts.name.clone(),
            since,
            schema,
        }
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
        // A plugin may read less; whether it did is not believed, so the filter stays.
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
        // A batch without columns cannot say how many rows it has: one column is read and dropped.
        let counted = projection.is_some_and(Vec::is_empty) && !self.schema.fields().is_empty();
        let first = vec![0];
        let (schema, columns) = match projection.map(|p| if counted { &first } else { p }) {
            None => (Arc::clone(&self.schema), None),
            Some(indices) => {
                let schema = self.schema.project(indices)?;
                let names = schema
                    .fields()
                    .iter()
                    .map(|field| field.name().clone())
                    .collect();
                (Arc::new(schema), Some(names))
            }
        };
        let mut request = ReadRequest::whole(&self.stream, BATCH_ROWS, CROSSING_MAX_BYTES as u32);
        if !self.since.is_empty() {
            request.mode = "incremental".into();
        }
        request.columns = columns;
        request.filters = filters.iter().filter_map(predicate).collect();
        request.limit = limit.map(|limit| limit as f64);
        request.since.clone_from(&self.since);
        let read = Arc::new(SourceExec::new(self.clone(), request, schema));
        if counted {
            return Ok(Arc::new(ProjectionExec::try_new(NO_COLUMNS, read)?));
        }
        Ok(read)
    }
}

/// A filter a plugin can be told of: a column against literals.
fn predicate(filter: &Expr) -> Option<Predicate> {
    let made = |column: &Expr, op: &str, literals: Vec<String>| match column {
        Expr::Column(column) => Some(Predicate {
            column: column.name.clone(),
            op: op.to_owned(),
            literals,
        }),
        _ => None,
    };
    match filter {
        Expr::IsNull(column) => made(column, "is-null", Vec::new()),
        Expr::IsNotNull(column) => made(column, "is-not-null", Vec::new()),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
            let word = |op: &Operator| match op {
                Operator::Eq => Some("="),
                Operator::NotEq => Some("!="),
                Operator::Lt => Some("<"),
                Operator::LtEq => Some("<="),
                Operator::Gt => Some(">"),
                Operator::GtEq => Some(">="),
                _ => None,
            };
            match (left.as_ref(), right.as_ref()) {
                (column, Expr::Literal(value, _)) => made(column, word(op)?, vec![text(value)?]),
                (Expr::Literal(value, _), column) => {
                    made(column, word(&op.swap()?)?, vec![text(value)?])
                }
                _ => None,
            }
        }
        Expr::InList(list) if !list.negated => {
            let literals = list.list.iter().map(|item| match item {
                Expr::Literal(value, _) => text(value),
                _ => None,
            });
            made(&list.expr, "in", literals.collect::<Option<_>>()?)
        }
        _ => None,
    }
}

/// A literal as the contract writes it; none for a null, which no comparison holds for.
fn text(value: &ScalarValue) -> Option<String> {
    if value.is_null() {
        return None;
    }
    let text = value.cast_to(&arrow::datatypes::DataType::Utf8).ok()?;
    text.try_as_str().flatten().map(str::to_owned)
}

/// A read as it runs.
#[derive(Debug)]
struct SourceExec {
    table: SourceTable,
    request: ReadRequest,
    properties: Arc<PlanProperties>,
}

impl SourceExec {
    fn new(table: SourceTable, request: ReadRequest, schema: SchemaRef) -> Self {
        let properties = one_stream(schema);
        Self {
            table,
            request,
            properties,
        }
    }
}

impl DisplayAs for SourceExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "SourceExec: {}, filters: {}",
            self.request.stream,
            self.request.filters.len()
        )?;
        match self.request.limit {
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

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let schema = Arc::clone(self.properties.eq_properties.schema());
        let (table, request) = (self.table.clone(), self.request.clone());
        let expected = Arc::clone(&schema);
        let mut builder = RecordBatchReceiverStream::builder(schema, IN_FLIGHT);
        let sender = builder.tx();
        builder.spawn(async move { read(table, request, expected, sender).await });
        Ok(builder.build())
    }
}

async fn read(
    table: SourceTable,
    request: ReadRequest,
    expected: SchemaRef,
    sender: Sender<Result<RecordBatch>>,
) -> Result<()> {
    let live = find(&table.key)?;
    let budget = Some(Arc::clone(&live.budget));
    let opened = live.plugin.read(
        &table.config,
        request,
        expected,
        budget,
        live.cancel.clone(),
    );
    let mut reader = opened.await.map_err(outward)?;
    let (mut empty, mut waited_ms) = (0, 0);
    loop {
        let step = reader.next().await.map_err(outward)?;
        let told = Told {
            rejects: step.rejects,
            notices: step.notices,
            checkpoints: step
                .checkpoint
                .map(|one| (one.partition.clone(), one))
                .into_iter()
                .collect(),
        };
        let rows = step.rows.filter(|rows| rows.num_rows() > 0);
        if rows.is_some() || !told.checkpoints.is_empty() {
            (empty, waited_ms) = (0, 0);
        } else {
            empty += 1;
        }
        if let Some(rows) = rows
            && sender.send(Ok(rows)).await.is_err()
        {
            // Nobody reads any more, so this step's checkpoint covers rows nobody has.
            return Ok(());
        }
        live.tell(&table.stream, told);
        if step.done {
            return Ok(());
        }
        if empty > EMPTY_STEPS_MAX {
            return Err(outward(SandboxError::Malformed {
                plugin: table.key.name.clone(),
                entry: "source.reader.next".into(),
                what: "steps without rows, without end".into(),
            }));
        }
        waited_ms += u64::from(step.wait_ms);
        if waited_ms > WAIT_MAX_MS {
            return Err(outward(SandboxError::OverLimit {
                plugin: table.key.name.clone(),
                entry: "source.reader.next".into(),
                name: "waiting",
                limit: WAIT_MAX_MS,
                requested: waited_ms,
            }));
        }
        if step.wait_ms > 0 {
            let wait = tokio::time::sleep(Duration::from_millis(step.wait_ms.into()));
            tokio::select! {
                () = wait => {}
                () = live.cancel.cancelled() => {
                    return Err(outward(SandboxError::Cancelled {
                        plugin: table.key.name.clone(),
                        entry: "source.reader.next".into(),
                    }));
                }
            }
        }
    }
}
