//! Whole SQL queries with a plugin's function, against the same function compiled into the host.

use std::sync::Arc;

use arrow::array::{AsArray, Float64Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::TryStreamExt as _;
use tokio::runtime::Runtime;
use tsugi_functions::PluginUse;
use tsugi_pipeline::query::{Parsed, Session, Settings};
use tsugi_sandbox::Sandbox;

use crate::measure::{Clock, Contender, contender, print, race};
use crate::natives::{numbers, texts};
use crate::{guests, kernels};

const ROWS: usize = 1_000_000;
/// A turn takes seconds here.
const ROUNDS: usize = 5;
const BATCH: usize = 8_192;
/// Rows of a side of the join: every pair meets the condition's function.
const SIDE: usize = 1_500;

const QUERIES: [(&str, &str, usize); 5] = [
    (
        "sentiment of every text",
        "SELECT avg(sentiment(text, 'en')) AS a FROM main.t",
        ROWS,
    ),
    (
        "a score in a filter",
        "SELECT count(*) AS a FROM main.t WHERE weigh(text) > 0.5",
        ROWS,
    ),
    (
        "a score to group by",
        "SELECT round(weigh(text)) AS g, count(*) AS a FROM main.t GROUP BY 1",
        ROWS,
    ),
    (
        "a number in a filter",
        "SELECT count(*) AS a FROM main.t WHERE add_one(n) % 3 = 0",
        ROWS,
    ),
    (
        "a join's condition",
        "SELECT count(*) AS a FROM main.s AS l JOIN main.s AS r ON add_one(l.n) < r.n AND l.text <> r.text",
        SIDE * SIDE,
    ),
];

pub fn run(sandbox: &Sandbox, unstoppable: &Sandbox) {
    for (title, sql, rows) in QUERIES {
        let contenders = [1, 2].into_iter().flat_map(|partitions| {
            [
                native(partitions, sql),
                ours("plugin", sandbox, partitions, sql),
                ours("plugin, not stoppable", unstoppable, partitions, sql),
            ]
        });
        let figures = race(ROUNDS, Clock::Wall, contenders.collect());
        print(&format!("{title}: `{sql}`"), rows, &figures);
        let times = |ours: usize, native: usize| figures[ours].ns / figures[native].ns;
        println!(
            "\nplugin against native: {:.2} × on one partition, {:.2} × on two; not stoppable: {:.2} ×, {:.2} ×; \
             two partitions against one: {:.2} × as fast, native {:.2} ×",
            times(1, 0),
            times(4, 3),
            times(2, 0),
            times(5, 3),
            times(1, 4),
            times(0, 3),
        );
    }
}

fn table(rows: usize, partitions: usize) -> Arc<dyn TableProvider> {
    let fields = vec![
        Field::new("n", DataType::Int64, true),
        Field::new("text", DataType::Utf8, true),
    ];
    let schema = Arc::new(Schema::new(fields));
    let whole =
        RecordBatch::try_new(Arc::clone(&schema), vec![numbers(rows), texts(rows)]).expect("rows");
    let mut parts = vec![Vec::new(); partitions];
    for (at, from) in (0..rows).step_by(BATCH).enumerate() {
        parts[at % partitions].push(whole.slice(from, BATCH.min(rows - from)));
    }
    Arc::new(MemTable::try_new(schema, parts).expect("a table"))
}

pub fn threads(partitions: usize) -> Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .worker_threads(partitions)
        .enable_all()
        .build()
        .expect("threads")
}

fn ours(name: &str, sandbox: &Sandbox, partitions: usize, sql: &'static str) -> Contender<'static> {
    let settings = Settings {
        memory_max_bytes: 4 << 30,
        partitions,
        spill_folder: None,
    };
    let uses: Vec<PluginUse> = ["tests/guests/kernels", "plugins/sentiment"]
        .into_iter()
        .map(|folder| guests::plugin(sandbox, folder))
        .map(|plugin| PluginUse::new(plugin).expect("signatures"))
        .collect();
    let session = Arc::new(Session::new(&settings, &uses).expect("a session"));
    session.put(&"main.t".parse().expect("a name"), table(ROWS, partitions));
    session.put(&"main.s".parse().expect("a name"), table(SIDE, partitions));
    let runtime = threads(partitions);
    contender(format!("{name}, {partitions}"), move || {
        let session = Arc::clone(&session);
        let query = async move {
            let planned = session.plan(&Parsed::new("SQL", sql)?).await?;
            let plan = session.physical(&planned).await?;
            let stream = session.stream(plan)?;
            let rows: Vec<RecordBatch> = stream
                .try_collect()
                .await
                .map_err(tsugi_pipeline::query::QueryError::from_engine)?;
            Ok::<_, tsugi_pipeline::query::QueryError>(rows.len())
        };
        let query = runtime.spawn(query);
        runtime
            .block_on(query)
            .expect("a thread")
            .unwrap_or_else(|error| panic!("{error}"));
    })
}

fn native(partitions: usize, sql: &'static str) -> Contender<'static> {
    let mut config = SessionConfig::new()
        .with_target_partitions(partitions)
        .with_default_catalog_and_schema("tsugi", "main");
    config.options_mut().sql_parser.map_string_types_to_utf8view = false;
    let context = SessionContext::new_with_config(config);
    context
        .register_table("main.t", table(ROWS, partitions))
        .expect("a table");
    context
        .register_table("main.s", table(SIDE, partitions))
        .expect("a table");
    for function in functions() {
        context.register_udf(function);
    }
    let runtime = threads(partitions);
    contender(format!("native, {partitions}"), move || {
        let context = context.clone();
        let query = runtime.spawn(async move { context.sql(sql).await?.collect().await });
        runtime
            .block_on(query)
            .expect("a thread")
            .unwrap_or_else(|error| panic!("{error}"));
    })
}

/// The plugins' functions, compiled into this program.
fn functions() -> [datafusion::logical_expr::ScalarUDF; 3] {
    let numbers = |args: &[ColumnarValue]| {
        let columns = ColumnarValue::values_to_arrays(args)?;
        let numbers = columns[0].as_primitive::<Int64Type>();
        let added: Int64Array = numbers.unary(kernels::add_one);
        Ok(ColumnarValue::Array(Arc::new(added)))
    };
    let texts = |score: fn(&str) -> Option<f64>| {
        move |args: &[ColumnarValue]| {
            let ColumnarValue::Array(column) = &args[0] else {
                return datafusion::common::exec_err!("a column is due");
            };
            let scores = column
                .as_string::<i32>()
                .iter()
                .map(|text| text.and_then(score));
            Ok(ColumnarValue::Array(Arc::new(
                scores.collect::<Float64Array>(),
            )))
        }
    };
    let (text, float) = (DataType::Utf8, DataType::Float64);
    let stable = Volatility::Stable;
    let sentiment = texts(|text| tsugi_sentiment::score::score(text, "en"));
    let weigh = texts(|text| Some(kernels::weigh(text)));
    [
        create_udf(
            "add_one",
            vec![DataType::Int64],
            DataType::Int64,
            stable,
            Arc::new(numbers),
        ),
        create_udf(
            "weigh",
            vec![text.clone()],
            float.clone(),
            stable,
            Arc::new(weigh),
        ),
        create_udf(
            "sentiment",
            vec![text.clone(), text],
            float,
            stable,
            Arc::new(sentiment),
        ),
    ]
}
