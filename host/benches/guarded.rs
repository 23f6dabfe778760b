//! SQL as Tsugi means it, against the same SQL in the engine as it comes: arithmetic that is checked, sums
//! in a wider type, decimals that round, CASE, coalesce and BETWEEN evaluated once.

use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, Float64Array, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::TryStreamExt as _;
use tsugi_pipeline::query::{Parsed, QueryError, Session, Settings};

use crate::measure::{Clock, Contender, contender, race};
use crate::queries::threads;

const ROWS: usize = 10_000_000;
const ROUNDS: usize = 5;
const BATCH: usize = 8_192;
const PARTITIONS: usize = 2;

const QUERIES: [(&str, &str); 9] = [
    ("a sum of integers", "SELECT sum(n) AS a FROM main.t"),
    (
        "sums in groups",
        "SELECT g, sum(n) AS a, count(*) AS b FROM main.t GROUP BY g",
    ),
    (
        "arithmetic of integers",
        "SELECT sum(n * 3 + g - 7) AS a FROM main.t",
    ),
    ("a quotient", "SELECT sum(n / (g + 1)) AS a FROM main.t"),
    (
        "a sum of decimals",
        "SELECT g, sum(price) AS a FROM main.t GROUP BY g",
    ),
    (
        "a product of decimals",
        "SELECT sum(price * 1.19) AS a FROM main.t",
    ),
    (
        "averages of decimals",
        "SELECT g, avg(price) AS a FROM main.t GROUP BY g",
    ),
    (
        "CASE and coalesce",
        "SELECT sum(CASE WHEN n > 5000 THEN coalesce(m, n) ELSE 0 END) AS a FROM main.t",
    ),
    (
        "a filter with BETWEEN over doubles",
        "SELECT count(*) AS a, max(x) AS b FROM main.t WHERE x * 2 BETWEEN 10 AND 9000",
    ),
];

pub fn run() {
    let table = table();
    println!("\n| over {ROWS} rows | engine, ms | Tsugi, ms | times | least to most |");
    println!("|---|---|---|---|---|");
    for (title, sql) in QUERIES {
        let figures = race(
            ROUNDS,
            Clock::Wall,
            vec![
                plain(Arc::clone(&table), sql),
                ours(Arc::clone(&table), sql),
            ],
        );
        let [least, median, most] = figures[1].times;
        println!(
            "| {title}: `{sql}` | {:.0} | {:.0} | {median:.2} | {least:.2} to {most:.2} |",
            figures[0].ns / 1e6,
            figures[1].ns / 1e6,
        );
    }
}

fn table() -> Arc<dyn TableProvider> {
    let field = |name, kind| Field::new(name, kind, true);
    let schema = Arc::new(Schema::new(vec![
        field("g", DataType::Int64),
        field("n", DataType::Int64),
        field("m", DataType::Int64),
        field("price", DataType::Decimal128(12, 2)),
        field("x", DataType::Float64),
    ]));
    let batch = |from: usize| {
        let rows = from..ROWS.min(from + BATCH);
        let n = |row: usize| (row * 7919 % 10_007) as i64;
        let integers = |of: &dyn Fn(usize) -> Option<i64>| -> ArrayRef {
            Arc::new(rows.clone().map(of).collect::<Int64Array>())
        };
        let price = Decimal128Array::from_iter_values(rows.clone().map(|row| n(row).into()))
            .with_precision_and_scale(12, 2)
            .expect("a price");
        let x = Float64Array::from_iter_values(rows.clone().map(|row| n(row) as f64 / 3.0));
        let columns: Vec<ArrayRef> = vec![
            integers(&|row| Some((row % 1_000) as i64)),
            integers(&|row| Some(n(row))),
            integers(&|row| (row % 7 > 0).then(|| n(row))),
            Arc::new(price),
            Arc::new(x),
        ];
        RecordBatch::try_new(Arc::clone(&schema), columns).expect("rows")
    };
    let mut parts = vec![Vec::new(); PARTITIONS];
    for (at, from) in (0..ROWS).step_by(BATCH).enumerate() {
        parts[at % PARTITIONS].push(batch(from));
    }
    Arc::new(MemTable::try_new(schema, parts).expect("a table"))
}

fn plain(table: Arc<dyn TableProvider>, sql: &'static str) -> Contender<'static> {
    let config = SessionConfig::new()
        .with_target_partitions(PARTITIONS)
        .with_default_catalog_and_schema("tsugi", "main");
    let context = SessionContext::new_with_config(config);
    context.register_table("main.t", table).expect("a table");
    let runtime = threads(PARTITIONS);
    contender("engine", move || {
        let context = context.clone();
        let query = runtime.spawn(async move { context.sql(sql).await?.collect().await });
        let rows = runtime.block_on(query).expect("a thread");
        rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    })
}

fn ours(table: Arc<dyn TableProvider>, sql: &'static str) -> Contender<'static> {
    let settings = Settings {
        memory_max_bytes: 4 << 30,
        partitions: PARTITIONS,
        spill_folder: None,
    };
    let session = Arc::new(Session::new(&settings, &[]).expect("a session"));
    session.put(&"main.t".parse().expect("a name"), table);
    let runtime = threads(PARTITIONS);
    contender("Tsugi", move || {
        let session = Arc::clone(&session);
        let query = runtime.spawn(async move {
            let planned = session.plan(&Parsed::new("SQL", sql)?).await?;
            let rows = session.stream(session.physical(&planned).await?)?;
            let rows: Vec<RecordBatch> =
                rows.try_collect().await.map_err(QueryError::from_engine)?;
            Ok::<_, QueryError>(rows.len())
        });
        let rows = runtime.block_on(query).expect("a thread");
        rows.unwrap_or_else(|error| panic!("{sql}: {error}"));
    })
}
