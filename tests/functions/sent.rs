//! Every node and function of ours through its codec into a session of its own, where it runs; and
//! the example of a session without a project.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher as _;
use std::sync::Arc;

use arrow::array::{Array, Int64Array, RecordBatch, StringArray};
use arrow::util::display::array_value_to_string;
use datafusion::arrow;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{AggregateUDF, Extension, LogicalPlan, ScalarUDF};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext, col};
use tsugi_functions::codec::PluginCodec;
use tsugi_functions::{FunctionError, PluginUse, SourceTable, add_plugin, install};
use tsugi_sandbox::{Checkpoint, Granted, PluginLimits};

use super::bench::{component, plugin};

const FOLDERS: [&str; 2] = ["tests/guests/minimal", "tests/guests/echo"];

#[path = "../../host/functions/examples/own_session.rs"]
#[allow(dead_code, reason = "its `main` prints what the test compares")]
mod own_session;

/// One side: a session of DataFusion alone, with the plugins of `folders`.
struct Side {
    context: SessionContext,
    codec: PluginCodec,
    sources: Vec<SourceTable>,
}

async fn side(folders: &[&str]) -> Side {
    let config = SessionConfig::new().with_target_partitions(2);
    let context = SessionContext::new_with_config(config);
    let words = StringArray::from(vec![Some("ant"), None, Some("cow")]);
    let columns: [(&str, arrow::array::ArrayRef); 2] = [
        ("word", Arc::new(words)),
        ("n", Arc::new(Int64Array::from(vec![3, 1, 2]))),
    ];
    let rows = RecordBatch::try_from_iter(columns).unwrap();
    let table = MemTable::try_new(rows.schema(), vec![vec![rows]]).unwrap();
    context.register_table("t", Arc::new(table)).unwrap();
    let mut sources = Vec::new();
    for folder in folders {
        let plugin = plugin(folder, PluginLimits::default(), Granted::default());
        let key = add_plugin(&context, &PluginUse::new(Arc::clone(&plugin)).unwrap()).unwrap();
        let streams = match folder.ends_with("echo") {
            true => plugin.discover("{}").await.unwrap().0,
            false => Vec::new(),
        };
        for facts in &streams {
            let since = Checkpoint {
                partition: "p".into(),
                version: 7,
                state: b"row \xff".to_vec(),
                summary: "some rows".into(),
                rows: 3.0,
            };
            let table = SourceTable::new(key.clone(), "{}".into(), facts, vec![since]);
            sources.push(table.clone());
            context
                .register_table(&*facts.name, Arc::new(table))
                .unwrap();
        }
    }
    let codec = PluginCodec::new(install(&context).unwrap());
    Side {
        context,
        codec,
        sources,
    }
}

impl Side {
    async fn logical(&self, sql: &str) -> LogicalPlan {
        self.context.state().create_logical_plan(sql).await.unwrap()
    }

    async fn physical(&self, sql: &str) -> Arc<dyn ExecutionPlan> {
        let plan = self.logical(sql).await;
        self.context
            .state()
            .create_physical_plan(&plan)
            .await
            .unwrap()
    }

    async fn lines(&self, plan: Arc<dyn ExecutionPlan>) -> Vec<String> {
        lines(&collect(plan, self.context.task_ctx()).await.unwrap())
    }
}

fn lines(batches: &[RecordBatch]) -> Vec<String> {
    let row = |batch: &RecordBatch, row: usize| {
        let cells = batch.columns().iter();
        let cells =
            cells.map(|column: &Arc<dyn Array>| array_value_to_string(column, row).unwrap());
        cells.collect::<Vec<_>>().join("|")
    };
    let rows = |batch: &RecordBatch| (0..batch.num_rows()).map(|at| row(batch, at)).collect();
    batches
        .iter()
        .flat_map(|batch| -> Vec<String> { rows(batch) })
        .collect()
}

/// The first node of a name.
fn node(plan: &Arc<dyn ExecutionPlan>, name: &str) -> Arc<dyn ExecutionPlan> {
    let mut found = None;
    plan.apply(|node| {
        found = found
            .take()
            .or_else(|| (node.name() == name).then(|| Arc::clone(node)));
        Ok(TreeNodeRecursion::Continue)
    })
    .unwrap();
    found.unwrap_or_else(|| panic!("no {name} in {plan:#?}"))
}

fn extension(plan: &LogicalPlan) -> Extension {
    let mut found = None;
    plan.apply(|node| {
        if let LogicalPlan::Extension(extension) = node {
            found = Some(extension.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })
    .unwrap();
    found.unwrap()
}

fn hash(extension: &Extension) -> u64 {
    let mut hasher = DefaultHasher::new();
    extension.node.dyn_hash(&mut hasher);
    hasher.finish()
}

const NUMBERED: &str = "SELECT * FROM numbered((SELECT word FROM t ORDER BY n), from => 100) AS x";

#[tokio::test(flavor = "multi_thread")]
async fn every_physical_node_runs_on_the_other_side() {
    let (here, there) = (side(&FOLDERS).await, side(&FOLDERS).await);
    let cases = [
        ("TableCallExec", NUMBERED),
        (
            "SourceExec",
            "SELECT c, a FROM requests WHERE c = 'x' LIMIT 2",
        ),
        (
            "OnceExec",
            "SELECT * FROM t JOIN (SELECT n AS m FROM t) AS r ON t.n < r.m",
        ),
    ];
    for (name, sql) in cases {
        let sent = node(&here.physical(sql).await, name);
        let mut bytes = Vec::new();
        here.codec.try_encode(sent.as_ref(), &mut bytes).unwrap();
        let children: Vec<_> = sent.children().into_iter().cloned().collect();
        let received = there.codec.try_decode(&bytes, &children).unwrap();
        assert_eq!(received.schema(), sent.schema(), "{name}");
        assert_eq!(
            received.required_input_ordering().len(),
            sent.required_input_ordering().len()
        );
        let mut again = Vec::new();
        there
            .codec
            .try_encode(received.as_ref(), &mut again)
            .unwrap();
        assert_eq!(again, bytes, "{name}");
        drop(sent);
        let expected = here.lines(node(&here.physical(sql).await, name)).await;
        assert_eq!(there.lines(received).await, expected, "{name}");
        assert!(!expected.is_empty(), "{name}");
    }
    let foreign = here.physical("SELECT * FROM t").await;
    assert!(
        here.codec
            .try_encode(foreign.as_ref(), &mut Vec::new())
            .is_err()
    );
    assert!(there.codec.try_decode(b"{}", &[]).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_logical_node_and_the_table_run_on_the_other_side() {
    let (here, there) = (side(&FOLDERS).await, side(&FOLDERS).await);
    let sent = extension(&here.logical(NUMBERED).await);
    let mut bytes = Vec::new();
    here.codec.try_encode_logical(&sent, &mut bytes).unwrap();
    let inputs: Vec<LogicalPlan> = sent.node.inputs().into_iter().cloned().collect();
    let received = there.codec.try_decode_logical(&bytes, &inputs).unwrap();
    assert_eq!(received, sent);
    assert_eq!(hash(&received), hash(&sent));
    let plan = LogicalPlan::Extension(received);
    let frame = there.context.execute_logical_plan(plan).await.unwrap();
    let rows = lines(&frame.collect().await.unwrap());
    assert_eq!(rows, ["100|", "101|cow", "102|ant"]);

    let source = here.sources.first().unwrap();
    let mut bytes = Vec::new();
    here.codec
        .try_encode_table_provider(source, &mut bytes)
        .unwrap();
    let table = there.codec.try_decode_table_provider(&bytes).unwrap();
    assert_eq!(table.downcast_ref::<SourceTable>(), Some(source));
    let frame = there.context.read_table(table).unwrap();
    assert_eq!(frame.count().await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_run_on_the_other_side() {
    let (here, there) = (side(&FOLDERS).await, side(&FOLDERS).await);
    let state = here.context.state();
    let shout: Arc<ScalarUDF> = Arc::clone(&state.scalar_functions()["shout"]);
    let mut bytes = Vec::new();
    here.codec.try_encode_udf(&shout, &mut bytes).unwrap();
    let received = there.codec.try_decode_udf("shout", &bytes).unwrap();
    assert_eq!(received, shout);
    let frame = there.context.table("t").await.unwrap();
    let frame = frame
        .select(vec![received.call(vec![col("word")])])
        .unwrap();
    let rows = lines(&frame.collect().await.unwrap());
    assert_eq!(rows, ["ANT", "", "COW"]);

    let aggregates = state.aggregate_functions();
    let ours = aggregates.values().find(|function| {
        let mut bytes = Vec::new();
        here.codec.try_encode_udaf(function, &mut bytes).unwrap();
        !bytes.is_empty()
    });
    let sent: &Arc<AggregateUDF> = ours.unwrap();
    let mut bytes = Vec::new();
    here.codec.try_encode_udaf(sent, &mut bytes).unwrap();
    assert_eq!(
        &there.codec.try_decode_udaf(sent.name(), &bytes).unwrap(),
        sent
    );

    let stranger = side(&[]).await;
    let refused = stranger.codec.try_decode_udf("shout", &bytes).unwrap_err();
    assert!(matches!(
        FunctionError::find(&refused),
        Some(FunctionError::NotLoaded { .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_does_not_run_where_its_plugin_is_not_loaded() {
    let (here, stranger) = (side(&FOLDERS).await, side(&[]).await);
    for (name, sql) in [
        ("TableCallExec", NUMBERED),
        ("SourceExec", "SELECT a FROM requests"),
    ] {
        let plan = node(&here.physical(sql).await, name);
        let refused = collect(plan, stranger.context.task_ctx())
            .await
            .unwrap_err();
        let refused = FunctionError::find(&refused).unwrap();
        assert!(
            matches!(refused, FunctionError::NotLoaded { .. }),
            "{refused}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_without_a_project_calls_a_plugin() {
    let rows = own_session::answer(&component("plugins/sentiment"))
        .await
        .unwrap();
    let rows = lines(&rows);
    let score = |row: &str| row.rsplit('|').next().unwrap().parse::<f64>().unwrap();
    assert_eq!(rows.len(), 2);
    assert!(score(&rows[0]) > 0.0 && score(&rows[1]) < 0.0, "{rows:?}");
    let text = include_str!("../../host/functions/examples/own_session.rs");
    assert!(text.lines().count() <= 30);
}
