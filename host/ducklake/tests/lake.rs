//! A lake by itself: any names, tags of columns, expiry, one writing process.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::prelude::SessionContext;
use ducklake::{COMMENT, Claim, Error, Lake, LakeTableName, Note, SnapshotId, Tags, Writer};

async fn open(folder: &Path) -> (Lake, Claim) {
    let lake = Lake::open(folder, Writer::new("test", "1")).await.unwrap();
    let claim = lake.claim("a test").await.unwrap();
    (lake, claim)
}

fn ids(count: i64) -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(0..count));
    RecordBatch::try_from_iter([("id", ids)]).unwrap()
}

async fn publish(
    (lake, claim): &(Lake, Claim),
    tables: &[(&LakeTableName, RecordBatch)],
    tags: &Tags,
    extra_info: Option<&str>,
) -> SnapshotId {
    let mut staged = Vec::new();
    for (table, rows) in tables {
        let mut writer = lake.stage(claim, table, &rows.schema()).await.unwrap();
        writer.write(rows).unwrap();
        staged.push(writer.close().unwrap());
    }
    let note = Note {
        message: "a test",
        extra_info,
    };
    lake.publish(claim, &staged, &[], tags, note).await.unwrap()
}

async fn count(lake: &Lake, table: &LakeTableName) -> usize {
    let provider = lake.snapshot().await.unwrap().provider(table).unwrap();
    let rows = SessionContext::new().read_table(provider).unwrap();
    rows.count().await.unwrap()
}

#[tokio::test]
async fn any_text_names_a_table_and_leads_out_of_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path()).await;
    let (odd, plain) = (
        LakeTableName::new("My \"Schema\"", "../../表"),
        LakeTableName::new("main", "plain"),
    );
    publish(
        &lake,
        &[(&odd, ids(3)), (&plain, ids(2))],
        &Tags::default(),
        None,
    )
    .await;
    publish(&lake, &[(&odd, ids(4))], &Tags::default(), None).await;
    assert_eq!(
        (count(&lake.0, &odd).await, count(&lake.0, &plain).await),
        (4, 2)
    );
    let snapshot = lake.0.snapshot().await.unwrap();
    let file = &snapshot.table(&odd).unwrap().files[0];
    let below = file.path.strip_prefix(lake.0.data()).unwrap();
    assert!(
        below.starts_with("My-20-22Schema-22/-2e-2e-2f-2e-2e-2f-e8-a1-a8"),
        "{below:?}"
    );
}

#[tokio::test]
async fn tags_are_set_replaced_and_removed_with_a_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path()).await;
    let table = LakeTableName::new("sales", "orders");
    let mut tags = Tags::default();
    tags.set(&table, "id", COMMENT, Some("The number."));
    tags.set(&table, "id", "unit", Some("none"));
    tags.set(&table, "missing", COMMENT, Some("ignored"));
    let first = publish(&lake, &[(&table, ids(1))], &tags, None).await;

    let mut tags = Tags::default();
    tags.set(&table, "id", COMMENT, Some("The number of the order."));
    let second = publish(&lake, &[], &tags, None).await;
    let mut tags = Tags::default();
    tags.set(&table, "id", COMMENT, None);
    let third = publish(&lake, &[], &tags, None).await;
    for (id, comment) in [
        (first, Some("The number.")),
        (second, Some("The number of the order.")),
        (third, None),
    ] {
        let snapshot = lake.0.snapshot_at(id).await.unwrap();
        let found = snapshot.table(&table).unwrap();
        assert_eq!(found.tag("id", COMMENT), comment);
        assert_eq!(found.tag("id", "unit"), Some("none"));
        assert_eq!(found.changed_in, first, "a tag changes no row");
    }

    // A column of another type is another column, without the tags of the old one.
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let texts = RecordBatch::try_from_iter([("id", texts)]).unwrap();
    publish(&lake, &[(&table, texts)], &Tags::default(), None).await;
    let snapshot = lake.0.snapshot().await.unwrap();
    assert!(snapshot.table(&table).unwrap().tags.is_empty());
}

#[tokio::test]
async fn an_expired_snapshot_leaves_its_line_and_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(folder.path()).await;
    let table = LakeTableName::new("main", "t");
    let job = Some("{\"job\":1}");
    let first = publish(&lake, &[(&table, ids(9))], &Tags::default(), job).await;
    let old = lake
        .0
        .snapshot()
        .await
        .unwrap()
        .table(&table)
        .unwrap()
        .files[0]
        .clone();
    publish(&lake, &[(&table, ids(5))], &Tags::default(), None).await;
    let found = lake
        .0
        .snapshots_with(&BTreeSet::from([old.id]))
        .await
        .unwrap();
    assert_eq!(found, BTreeSet::from([first]));
    let expired = lake.0.expire(&lake.1, &found).await.unwrap();
    assert_eq!((expired.snapshots, expired.swept.files), (1, 1));
    assert!(!old.path.exists());
    assert_eq!(count(&lake.0, &table).await, 5);
    assert!(matches!(
        lake.0.snapshot_at(first).await.unwrap_err(),
        Error::NoSnapshot { .. }
    ));
    let line = lake.0.published_with("{\"job\":1}").await.unwrap();
    assert_eq!(line, Some(first));
}

#[tokio::test]
async fn one_process_writes_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, claim) = open(folder.path()).await;
    assert!(lake.claim_if_free("another").await.unwrap().is_none());
    let error = lake.claim("another").await.unwrap_err();
    let Error::Locked { purpose, .. } = error else {
        unreachable!("{error}")
    };
    assert_eq!(purpose, "a test");
    drop(claim);
    assert!(lake.claim_if_free("another").await.unwrap().is_some());
}
