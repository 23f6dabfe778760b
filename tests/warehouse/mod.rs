//! The warehouse by its public boundary: published whole or not at all, read back equal, by
//! DuckDB too; killed runs leave nothing behind; the ledger never lets a message go twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod duckdb;
mod layout;
mod ledger;
mod runs;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray, StructArray, TimestampMicrosecondArray, TimestampNanosecondArray,
    UInt64Array,
};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::util::pretty::pretty_format_batches;
use datafusion::catalog::TableProvider;
use datafusion::prelude::{SessionConfig, SessionContext};
use tsugi_core::name::{RunId, TableName};
use tsugi_pipeline::store::{Run, Snapshot, SnapshotId, StagedTable, Warehouse};

use crate::support::alter;

/// A folder of its own for one test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let unique = format!("倉庫 {name} {}", RunId::new());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn table(name: &str) -> TableName {
    name.parse().unwrap()
}

async fn begin(warehouse: &Warehouse) -> Run {
    warehouse
        .begin_run(RunId::new(), Some("2026-03-31"))
        .await
        .unwrap()
}

async fn stage(run: &Run, name: &str, batch: &RecordBatch) -> StagedTable {
    let mut writer = run.stage(&table(name), &batch.schema()).await.unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap()
}

/// Publishes batches as whole tables in one run.
async fn publish(warehouse: &Warehouse, tables: &[(&str, RecordBatch)]) -> SnapshotId {
    let run = begin(warehouse).await;
    let mut staged = Vec::new();
    for (name, batch) in tables {
        staged.push(stage(&run, name, batch).await);
    }
    run.publish(staged, "a test").await.unwrap()
}

fn numbers(values: impl IntoIterator<Item = i64>) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(values));
    RecordBatch::try_from_iter([("id", ids)]).unwrap()
}

async fn query(provider: Arc<dyn TableProvider>, sql: &str) -> String {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
    context.register_table("t", provider).unwrap();
    let batches = context.sql(sql).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

async fn one(snapshot: &Snapshot, name: &str, expression: &str) -> String {
    let shown = query(
        snapshot.provider(&table(name)).unwrap(),
        &format!("SELECT {expression} AS x FROM t"),
    )
    .await;
    shown
        .lines()
        .nth(3)
        .unwrap()
        .trim_matches(['|', ' '])
        .to_owned()
}

async fn count(warehouse: &Warehouse, name: &str) -> String {
    one(&warehouse.snapshot().await.unwrap(), name, "count(*)").await
}

/// The data files in a warehouse.
fn files(folder: &Path) -> usize {
    let mut found = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found += files(&path),
            false => {
                found += usize::from(path.extension().is_some_and(|suffix| suffix == "parquet"))
            }
        }
    }
    found
}

/// Every kind of column that a pipeline makes, nulls and Japanese names included.
fn assorted() -> RecordBatch {
    let id: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let text: ArrayRef = Arc::new(StringArray::from(vec![
        Some("靴底 — crack"),
        None,
        Some(""),
    ]));
    let price: ArrayRef = Arc::new(
        Decimal128Array::from(vec![Some(1_234_567), None, Some(-5)])
            .with_precision_and_scale(12, 2)
            .unwrap(),
    );
    let at: ArrayRef = Arc::new(
        TimestampMicrosecondArray::from(vec![Some(1_774_915_200_123_456), None, Some(0)])
            .with_timezone("UTC"),
    );
    let local: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![
        Some(1_774_915_200_123_456_789),
        None,
        Some(1),
    ]));
    let day: ArrayRef = Arc::new(Date32Array::from(vec![Some(20_543), None, Some(-1)]));
    let rate: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.1), Some(f64::NAN), None]));
    let flag: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]));
    let huge: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 0, 7]));
    let lots = ListArray::from_iter_primitive::<Int64Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
    ]);
    let element = Arc::new(Field::new("element", DataType::Int64, true));
    let (_, offsets, values, nulls) = lots.into_parts();
    let lots: ArrayRef = Arc::new(ListArray::new(element, offsets, values, nulls));
    let parts: ArrayRef = Arc::new(StructArray::from(vec![
        (
            Arc::new(Field::new("部品", DataType::Utf8, true)),
            text.clone(),
        ),
        (
            Arc::new(Field::new("share", DataType::Float64, true)),
            rate.clone(),
        ),
    ]));
    let fields = [
        ("id", &id, false),
        ("語", &text, true),
        ("price", &price, true),
        ("at", &at, true),
        ("local", &local, true),
        ("day", &day, true),
        ("rate", &rate, true),
        ("flag", &flag, true),
        ("huge", &huge, true),
        ("lots", &lots, true),
        ("parts", &parts, true),
    ];
    let schema = Schema::new(
        fields
            .iter()
            .map(|(name, array, null)| Field::new(*name, array.data_type().clone(), *null))
            .collect::<Vec<_>>(),
    );
    RecordBatch::try_new(
        Arc::new(schema),
        fields
            .iter()
            .map(|(_, array, _)| (*array).clone())
            .collect(),
    )
    .unwrap()
}

async fn read_all(provider: Arc<dyn TableProvider>) -> RecordBatch {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    let schema = provider.schema();
    context.register_table("t", provider).unwrap();
    let batches = context.table("t").await.unwrap().collect().await.unwrap();
    arrow::compute::concat_batches(&schema, &batches).unwrap()
}

/// Whether an optional part is there; missing, it is a printed skip or, when required, a failure.
fn is_there(part: &str, reason: Option<String>) -> bool {
    let Some(reason) = reason else { return true };
    let required = std::env::var("TSUGI_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name == part),
        "{part} is required: {reason}"
    );
    println!("skipped, no {part}: {reason}");
    false
}
