//! DuckDB's own ducklake extension as the independent judge.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use ducklake::{COMMENT, Tags};
use tsugi_pipeline::store::{Warehouse, lake_name};

use crate::duckdb::{duckdb, has_duckdb};
use crate::support::assert_printed;

use super::{Folder, assorted, begin, count, numbers, one, publish, stage, table};

/// DuckDB over the warehouse of this folder.
#[track_caller]
fn ask(folder: &Folder, script: &str) -> String {
    duckdb(&folder.0.join("warehouse"), script)
}

/// A warehouse of two snapshots: values of every type, many rows that were replaced, long texts, no
/// rows. None without DuckDB.
async fn two_snapshots(name: &str) -> Option<(Folder, Warehouse)> {
    let folder = Folder::new(name);
    if !has_duckdb() {
        return None;
    }
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let long = "長い文".repeat(500);
    let texts: ArrayRef = Arc::new(StringArray::from(vec![
        Some(long.as_str()),
        Some("b"),
        None,
    ]));
    let texts = RecordBatch::try_from_iter([("text", texts)]).unwrap();
    let first = [
        ("ceo.suspects", assorted()),
        ("cmo.n", numbers(0..200_000)),
        ("cmo.texts", texts),
    ];
    publish(&warehouse, &first).await;
    let second = [("cmo.n", numbers(500_000..500_010)), ("cmo.e", numbers([]))];
    publish(&warehouse, &second).await;
    Some((folder, warehouse))
}

#[tokio::test]
async fn duckdb_reads_every_type_and_every_snapshot() {
    let Some((folder, _)) = two_snapshots("duckdb").await else {
        return;
    };
    let types = ask(
        &folder,
        r#"for row in c.execute("SELECT * FROM lake.ceo.suspects ORDER BY id").fetchall(): print(*row, sep="\n")
"#,
    );
    assert_printed!(types, @"
    1
    靴底 — crack
    12345.67
    2026-03-31 00:00:00.123456+00:00
    2026-03-31 00:00:00.123456
    2026-03-31
    0.1
    True
    18446744073709551615
    [1, None]
    {'部品': '靴底 — crack', 'share': 0.1}
    2
    None
    None
    None
    None
    None
    nan
    False
    0
    None
    {'部品': None, 'share': nan}
    3

    -0.05
    1970-01-01 00:00:00+00:00
    1970-01-01 00:00:00
    1969-12-31
    None
    None
    7
    []
    {'部品': '', 'share': None}
    ");
    for (query, answer) in [
        (
            "count(*), min(id), max(id) FROM lake.cmo.n",
            "[(10, 500000, 500009)]",
        ),
        (
            "count(*), min(id), max(id) FROM lake.cmo.n AT (VERSION => 1)",
            "[(200000, 0, 199999)]",
        ),
        (
            "count(*) FROM lake.cmo.n AT (VERSION => 1) WHERE id < 1000",
            "[(1000,)]",
        ),
        ("count(*) FROM lake.cmo.n WHERE id < 500_003", "[(3,)]"),
        ("count(*) FROM lake.cmo.e", "[(0,)]"),
        (
            "length(text) FROM lake.cmo.texts WHERE text > '長'",
            "[(1500,)]",
        ),
        (
            "count(*) FROM lake.ceo.suspects WHERE rate > 0.05",
            "[(2,)]",
        ),
        (
            "author, commit_message, commit_extra_info[:8] FROM lake.snapshots() WHERE snapshot_id = 1",
            "[('tsugi', 'a test', '{\"run\":\"')]",
        ),
    ] {
        let script = format!("print(c.execute(\"\"\"SELECT {query}\"\"\").fetchall())");
        assert_eq!(ask(&folder, &script), answer, "{query}");
    }
}

#[tokio::test]
async fn duckdb_writes_beside_us_and_a_run_replaces_what_we_cannot_read() {
    let Some((folder, warehouse)) = two_snapshots("duckdb-writes").await else {
        return;
    };
    let write = |statements: &[&str]| {
        let execute = |statement: &&str| format!("c.execute({statement:?})\n");
        let script: String = statements.iter().map(execute).collect();
        ask(&folder, &script);
    };
    write(&[
        "INSERT INTO lake.cmo.n VALUES (7)",
        "CREATE SCHEMA lake.theirs",
        "CREATE TABLE lake.theirs.made AS SELECT range AS id, 'x' || range AS s, [range] AS l FROM range(5)",
        "CREATE TABLE lake.theirs.\"No Name\" AS SELECT 1 AS id",
    ]);
    let snapshot = warehouse.snapshot().await.unwrap();
    assert_eq!(
        one(&snapshot, "cmo.n", "sum(id)").await,
        "5000052",
        "with the row that DuckDB inserted"
    );
    assert_eq!(one(&snapshot, "theirs.made", "max(s)").await, "x4");
    assert_eq!(snapshot.unnamed, ["theirs.No Name"]);

    write(&[
        "DELETE FROM lake.cmo.n WHERE id = 7",
        "ALTER TABLE lake.theirs.made RENAME s TO t",
    ]);
    let snapshot = warehouse.snapshot().await.unwrap();
    // DuckDB drops a file whose every row is deleted; the rest of ours stays readable.
    assert_eq!(one(&snapshot, "cmo.n", "count(*)").await, "10");
    let error = snapshot.provider(&table("theirs.made")).unwrap_err();
    assert_printed!(error.to_string(), @"table theirs.made cannot be read: another client changed its columns in snapshot 8, after the file `ducklake-RUN.parquet` was written");
    write(&["DELETE FROM lake.cmo.n WHERE id = 500005"]);
    let snapshot = warehouse.snapshot().await.unwrap();
    let error = snapshot.provider(&table("cmo.n")).unwrap_err();
    assert_printed!(error.to_string(), @"table cmo.n cannot be read: another client deleted single rows of it, which is not supported");

    let replaced = [("cmo.n", numbers(0..4)), ("theirs.made", numbers(0..2))];
    publish(&warehouse, &replaced).await;
    let shown = ask(
        &folder,
        "print(c.execute('SELECT (SELECT sum(id) FROM lake.cmo.n), (SELECT count(*) FROM lake.theirs.made)').fetchall())",
    );
    assert_eq!(shown, "[(6, 2)]", "a run replaces the table again");
    assert_eq!(count(&warehouse, "cmo.n").await, "4");
}

#[tokio::test]
async fn rows_that_duckdb_keeps_in_the_catalogue_are_named_and_replaced() {
    let folder = Folder::new("inlined");
    if !has_duckdb() {
        return;
    }
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    publish(&warehouse, &[("a.t", numbers(0..3))]).await;
    ask(
        &folder,
        r#"c.execute("CALL lake.set_option('data_inlining_row_limit', 100)")
c.execute("CREATE TABLE lake.a.i (id BIGINT)")
c.execute("INSERT INTO lake.a.i VALUES (1), (2)")
"#,
    );
    let snapshot = warehouse.snapshot().await.unwrap();
    let error = snapshot.provider(&table("a.i")).unwrap_err();
    assert_printed!(error.to_string(), @"table a.i cannot be read: another client keeps rows of it in the catalogue (inlined), which is not supported");
    assert_eq!(
        count(&warehouse, "a.t").await,
        "3",
        "other tables stay readable"
    );
    publish(&warehouse, &[("a.i", numbers(5..9))]).await;
    assert_eq!(count(&warehouse, "a.i").await, "4");
    let shown = ask(
        &folder,
        "print(c.execute('SELECT count(*), min(id) FROM lake.a.i').fetchall())",
    );
    assert_eq!(shown, "[(4, 5)]");
}

#[tokio::test]
async fn comments_go_both_ways() {
    let folder = Folder::new("comments");
    if !has_duckdb() {
        return;
    }
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let name = lake_name(&table("a.t"));
    let mut run = begin(&warehouse).await;
    let mut tags = Tags::default();
    tags.set(&name, "id", COMMENT, Some("the number of the order"));
    run.tag(tags);
    let staged = vec![stage(&run, "a.t", &numbers(0..3)).await];
    run.publish(staged, "with tags").await.unwrap();
    let shown = ask(
        &folder,
        r#"print(c.execute("SELECT comment FROM duckdb_columns() WHERE database_name = 'lake' AND column_name = 'id'").fetchall())
print(c.execute("SELECT sum(id) FROM lake.a.t").fetchall())
c.execute("COMMENT ON COLUMN lake.a.t.id IS 'theirs'")
"#,
    );
    assert_eq!(shown, "[('the number of the order',)]\n[(3,)]");
    let snapshot = warehouse.snapshot().await.unwrap();
    let found = &snapshot.tables[&table("a.t")];
    assert_eq!(found.tag("id", COMMENT), Some("theirs"));
}
