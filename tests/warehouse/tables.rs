//! Tables: what goes in comes out, and only whole.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, DictionaryArray, Int64Array, RecordBatch, StringArray, StringViewArray,
    Time64NanosecondArray, TimestampNanosecondArray,
};
use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionContext;
use tsugi_core::diagnostic::{Blame, Explain as _};
use tsugi_pipeline::store::{RunStatus, Snapshot, SnapshotId, Warehouse, WarehouseError};

use super::{
    Folder, alter, assorted, begin, count, files, numbers, one, publish, query, read_all, stage,
    table,
};

#[tokio::test]
async fn what_was_published_is_read_back_equal() {
    let folder = Folder::new("equal");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let batch = assorted();
    let run = begin(&warehouse).await;
    let staged = stage(&run, "ceo.suspects", &batch).await;
    assert_eq!(
        read_all(staged.provider()).await,
        batch,
        "staged rows serve the run itself"
    );
    assert_eq!((staged.rows(), staged.schema.clone()), (3, batch.schema()));
    let id = run.id();
    let snapshot_id = run.publish(vec![staged], "the first").await.unwrap();

    let snapshot = Warehouse::open(&folder.0)
        .await
        .unwrap()
        .snapshot()
        .await
        .unwrap();
    assert_eq!((snapshot.info.id, snapshot.run), (snapshot_id, Some(id)));
    assert_eq!(snapshot.info.author.as_deref(), Some("tsugi"));
    assert_eq!(snapshot.info.message.as_deref(), Some("the first"));
    let provider = snapshot.provider(&table("ceo.suspects")).unwrap();
    assert_eq!(provider.schema(), batch.schema());
    assert_eq!(read_all(provider).await, batch);
    assert_eq!(snapshot.tables[&table("ceo.suspects")].rows(), 3);
    // A maximum of floats with a NaN must not come from the bounds of the file.
    assert_eq!(one(&snapshot, "ceo.suspects", "max(rate)").await, "NaN");
    assert_eq!(
        one(&snapshot, "ceo.suspects", "min(day)").await,
        "1969-12-31"
    );
}

#[tokio::test]
async fn layouts_become_plain_and_digits_are_never_lost() {
    let folder = Folder::new("layouts");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let view: ArrayRef = Arc::new(StringViewArray::from(vec!["東京", "Zürich"]));
    let dictionary: ArrayRef = Arc::new(
        ["a", "b"]
            .into_iter()
            .collect::<DictionaryArray<Int32Type>>(),
    );
    let zoned: ArrayRef =
        Arc::new(TimestampNanosecondArray::from(vec![1_000, 2_000]).with_timezone("Asia/Tokyo"));
    let batch =
        RecordBatch::try_from_iter([("view", view), ("word", dictionary), ("at", zoned)]).unwrap();
    publish(&warehouse, &[("main.plain", batch)]).await;
    let provider = warehouse
        .snapshot()
        .await
        .unwrap()
        .provider(&table("main.plain"))
        .unwrap();
    let types: Vec<_> = provider
        .schema()
        .fields()
        .iter()
        .map(|field| field.data_type().clone())
        .collect();
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(types, [DataType::Utf8, DataType::Utf8, utc]);
    let shown = query(
        provider,
        "SELECT view, word, CAST(at AS BIGINT) AS at FROM t ORDER BY at",
    )
    .await;
    assert!(shown.contains("| 東京   | a    | 1  |"), "{shown}");

    let run = begin(&warehouse).await;
    let odd: ArrayRef = Arc::new(Time64NanosecondArray::from(vec![1_000, 1_001]));
    let odd = RecordBatch::try_from_iter([("opens", odd)]).unwrap();
    let mut writer = run.stage(&table("main.odd"), &odd.schema()).await.unwrap();
    let error = WarehouseError::from(writer.write(&odd).unwrap_err());
    assert_eq!(
        (error.code(), error.blame()),
        ("warehouse::inexact-value", Blame::Author)
    );
    assert!(
        error
            .to_string()
            .contains("column `opens` of table main.odd has 00:00:00.000001001"),
        "{error}"
    );
}

#[tokio::test]
async fn what_no_table_can_hold_is_refused_by_name() {
    let folder = Folder::new("refused");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let run = begin(&warehouse).await;
    let inner = Arc::new(Field::new(
        "wait",
        DataType::Duration(TimeUnit::Second),
        true,
    ));
    let nested = Field::new("steps", DataType::Struct(vec![inner].into()), true);
    let twice = [
        Field::new("A", DataType::Int64, true),
        Field::new("a", DataType::Int64, true),
    ];
    for (fields, code, words) in [
        (
            vec![nested],
            "warehouse::unstorable-type",
            "column `steps.wait` of type Duration(s)",
        ),
        (
            twice.to_vec(),
            "warehouse::duplicate-column",
            "column `a` twice",
        ),
        (vec![], "warehouse::no-columns", "no columns"),
    ] {
        let error = run
            .stage(&table("main.t"), &Arc::new(Schema::new(fields)))
            .await
            .unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(words), "{error}");
    }
    let mut writer = run
        .stage(&table("main.t"), &numbers([1]).schema())
        .await
        .unwrap();
    let text: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let error = writer
        .write(&RecordBatch::try_from_iter([("id", text)]).unwrap())
        .unwrap_err();
    assert_eq!(
        WarehouseError::from(error).code(),
        "warehouse::misfit-batch"
    );
    drop(writer);
    let error = run.publish(vec![], "nothing").await.unwrap_err();
    assert_eq!(error.code(), "warehouse::nothing-staged");
    assert_eq!(warehouse.runs().await.unwrap()[0].status, RunStatus::Failed);
}

#[tokio::test]
async fn replacing_leaves_the_earlier_snapshot_as_it_was() {
    let folder = Folder::new("replace");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let first = publish(
        &warehouse,
        &[("a.t", numbers(0..1000)), ("b.u", numbers(0..10))],
    )
    .await;
    let second = publish(&warehouse, &[("a.t", numbers([])), ("b.u", numbers(5..12))]).await;
    assert_eq!(
        (
            count(&warehouse, "a.t").await,
            count(&warehouse, "b.u").await
        ),
        ("0".into(), "7".into())
    );
    let third = publish(&warehouse, &[("a.t", numbers(7..9))]).await;
    assert_eq!(
        (first, second, third),
        (SnapshotId(1), SnapshotId(2), SnapshotId(3))
    );
    for (id, expected) in [(first, "1000"), (second, "0"), (third, "2")] {
        let snapshot = warehouse.snapshot_at(id).await.unwrap();
        assert_eq!(one(&snapshot, "a.t", "count(*)").await, expected);
    }
    let snapshot = warehouse.snapshot().await.unwrap();
    assert_eq!(one(&snapshot, "a.t", "max(id)").await, "8");
    assert_eq!(
        one(&snapshot, "b.u", "sum(id)").await,
        "56",
        "the table the run left alone"
    );
    assert_eq!(snapshot.tables[&table("b.u")].changed_in, second);
    let error = warehouse.snapshot_at(SnapshotId(9)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no snapshot 9; the last one is 3"
    );
    let error = snapshot.provider(&table("a.y")).unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("did you mean `a.t`?"));
}

#[tokio::test]
async fn columns_come_go_and_change_their_type() {
    let folder = Folder::new("alter");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let column = |values: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let text = |values: Vec<&str>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let before = RecordBatch::try_from_iter([
        ("kept", column(vec![1])),
        ("gone", column(vec![2])),
        ("turned", column(vec![3])),
    ]);
    let after = RecordBatch::try_from_iter([
        ("turned", text(vec!["x"])),
        ("kept", column(vec![4])),
        ("come", text(vec!["y"])),
    ]);
    let (before, after) = (before.unwrap(), after.unwrap());
    let first = publish(&warehouse, &[("a.t", before.clone())]).await;
    publish(&warehouse, &[("a.t", after.clone())]).await;
    let ids = |snapshot: &Snapshot| -> Vec<(String, i64)> {
        snapshot.tables[&table("a.t")]
            .columns
            .iter()
            .map(|c| (c.name.clone(), c.id))
            .collect()
    };
    let (old, new) = (
        warehouse.snapshot_at(first).await.unwrap(),
        warehouse.snapshot().await.unwrap(),
    );
    assert_eq!(
        ids(&old),
        [("kept".into(), 1), ("gone".into(), 2), ("turned".into(), 3)]
    );
    assert_eq!(
        ids(&new),
        [("turned".into(), 4), ("kept".into(), 1), ("come".into(), 5)]
    );
    assert_eq!(read_all(old.provider(&table("a.t")).unwrap()).await, before);
    assert_eq!(read_all(new.provider(&table("a.t")).unwrap()).await, after);
}

#[tokio::test]
async fn counting_reads_no_file_and_filters_skip_files() {
    let folder = Folder::new("statistics");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    publish(&warehouse, &[("a.t", numbers(0..100_000))]).await;
    let provider = warehouse
        .snapshot()
        .await
        .unwrap()
        .provider(&table("a.t"))
        .unwrap();
    let shown = query(
        provider.clone(),
        "EXPLAIN SELECT count(*), min(id), max(id) FROM t",
    )
    .await;
    assert!(!shown.contains("DataSourceExec"), "{shown}");
    let scanned = |sql: &'static str| {
        let provider = provider.clone();
        async move {
            let context = SessionContext::new();
            context.register_table("t", provider).unwrap();
            let plan = context
                .sql(sql)
                .await
                .unwrap()
                .create_physical_plan()
                .await
                .unwrap();
            datafusion::physical_plan::collect(plan.clone(), context.task_ctx())
                .await
                .unwrap();
            leaf_rows(&plan)
        }
    };
    assert_eq!(scanned("SELECT id + 1 FROM t WHERE id > 200000").await, 0);
    assert_eq!(
        scanned("SELECT id + 1 FROM t WHERE id % 2 = 0").await,
        100_000
    );
    assert!(scanned("SELECT id FROM t LIMIT 5").await < 100_000);
}

fn leaf_rows(plan: &Arc<dyn ExecutionPlan>) -> usize {
    match plan.children().as_slice() {
        [] => plan
            .metrics()
            .and_then(|metrics| metrics.output_rows())
            .unwrap_or(0),
        children => children.iter().map(|child| leaf_rows(child)).sum(),
    }
}

#[tokio::test]
async fn what_another_client_changed_meanwhile_is_not_overwritten() {
    let folder = Folder::new("conflict");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    publish(
        &warehouse,
        &[("a.t", numbers(0..3)), ("a.u", numbers(0..3))],
    )
    .await;
    let run = begin(&warehouse).await;
    let staged = vec![
        stage(&run, "a.u", &numbers(0..9)).await,
        stage(&run, "a.t", &numbers(0..9)).await,
    ];
    // What a client does that appends to `a.t`: a snapshot and a file.
    alter(&folder.0, "warehouse/catalog.sqlite", "INSERT INTO ducklake_snapshot SELECT 2, snapshot_time, schema_version, next_catalog_id, next_file_id + 1 FROM ducklake_snapshot WHERE snapshot_id = 1").await;
    alter(&folder.0, "warehouse/catalog.sqlite", "INSERT INTO ducklake_data_file SELECT 99, table_id, 2, NULL, NULL, path, 1, 'parquet', record_count, file_size_bytes, footer_size, 3, NULL, NULL, NULL, NULL FROM ducklake_data_file WHERE table_id = (SELECT table_id FROM ducklake_table WHERE table_name = 't')").await;
    let before = files(&folder.0);
    let error = run.publish(staged, "too late").await.unwrap_err();
    assert_eq!(
        (error.code(), error.blame()),
        ("warehouse::conflict", Blame::Outside)
    );
    assert_eq!(
        error.to_string(),
        "table a.t was changed by another client after it was staged: snapshot 2 wrote to it"
    );
    assert_eq!(
        (
            count(&warehouse, "a.t").await,
            count(&warehouse, "a.u").await
        ),
        ("6".into(), "3".into())
    );
    assert_eq!(files(&folder.0), before - 2, "what was staged is removed");
    publish(&warehouse, &[("a.t", numbers(0..4))]).await;
    assert_eq!(
        count(&warehouse, "a.t").await,
        "4",
        "the next run starts from what is there"
    );
}

#[tokio::test]
async fn other_versions_and_other_files_are_refused() {
    let folder = Folder::new("versions");
    drop(Warehouse::open(&folder.0).await.unwrap());
    alter(
        &folder.0,
        "warehouse/state.sqlite",
        "PRAGMA user_version = 2",
    )
    .await;
    let error = Warehouse::open(&folder.0).await.unwrap_err();
    assert_eq!(error.code(), "warehouse::version");
    assert!(
        error
            .to_string()
            .ends_with("state.sqlite has version 2, and this program knows 1"),
        "{error}"
    );
    alter(
        &folder.0,
        "warehouse/state.sqlite",
        "PRAGMA user_version = 1",
    )
    .await;
    alter(
        &folder.0,
        "warehouse/catalog.sqlite",
        "UPDATE ducklake_metadata SET value = '2.0' WHERE key = 'version'",
    )
    .await;
    let error = Warehouse::open(&folder.0).await.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("catalog.sqlite has version 2.0, and this program knows 1.0"),
        "{error}"
    );

    let text = Folder::new("text");
    std::fs::create_dir(text.0.join("warehouse")).unwrap();
    std::fs::write(
        text.0.join("warehouse/catalog.sqlite"),
        "not a database, but long enough to be looked at".repeat(9),
    )
    .unwrap();
    let error = Warehouse::open(&text.0).await.unwrap_err();
    assert_eq!(error.code(), "warehouse::not-ours");
    let blocked = Folder::new("blocked");
    std::fs::create_dir(blocked.0.join("warehouse")).unwrap();
    std::fs::write(blocked.0.join("warehouse/data"), "a file").unwrap();
    assert_eq!(
        Warehouse::open(&blocked.0).await.unwrap_err().code(),
        "warehouse::io"
    );
}

#[tokio::test]
async fn a_moved_folder_is_still_the_warehouse() {
    let folder = Folder::new("moved");
    let (old, new) = (folder.0.join("old"), folder.0.join("new"));
    let warehouse = Warehouse::open(&old).await.unwrap();
    publish(&warehouse, &[("a.t", numbers(0..3))]).await;
    drop(warehouse);
    std::fs::rename(&old, &new).unwrap();
    assert!(Warehouse::exists(&new) && !Warehouse::exists(&old));
    let warehouse = Warehouse::open(&new).await.unwrap();
    assert_eq!(
        one(&warehouse.snapshot().await.unwrap(), "a.t", "sum(id)").await,
        "3"
    );
}
