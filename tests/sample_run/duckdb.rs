//! DuckDB's own ducklake extension reads the published sample and gets the same rows.

use std::collections::BTreeMap;

use super::published;
use crate::duckdb::{duckdb_reads, has_duckdb};

/// Prints every table and how many rows it has.
const COUNTS: &str = r#"
for schema, name in c.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY 1, 2").fetchall():
    print(f"{schema}.{name}", c.execute(f'SELECT count(*) FROM lake.{schema}."{name}"').fetchone()[0])
"#;

/// The script that prints the rows of a query as JSON lines.
fn rows_of(query: &str) -> String {
    format!(
        "c.execute('USE lake')\nrows = c.execute(r\"\"\"{query}\"\"\")\nnames = [one[0] for one in rows.description]\n\
        for row in rows.fetchall(): print(json.dumps(dict(zip(names, row)), ensure_ascii=False, default=str))\n"
    )
}

#[tokio::test]
async fn duckdb_reads_the_same_rows() {
    let published = published();
    let project = &published.project;
    if !has_duckdb() {
        return;
    }
    let warehouse = project.path(".tsugi/warehouse");
    let counted: BTreeMap<String, u64> = duckdb_reads(&warehouse, COUNTS)
        .lines()
        .map(|line| {
            line.rsplit_once(' ')
                .map(|(name, rows)| (name.to_owned(), rows.parse().unwrap()))
                .unwrap()
        })
        .collect();
    let snapshot = project.warehouse().await.snapshot().await.unwrap();
    let ours: BTreeMap<String, u64> = snapshot
        .tables
        .iter()
        .map(|(name, table)| (name.to_string(), table.rows()))
        .collect();
    assert_eq!(counted, ours, "every table, with as many rows");

    // Texts in three languages, dates, whole numbers and floats, row by row.
    let queries = [
        "SELECT rank, suspect_kind, suspect, topic, complaints, shipped, rate, q_value, verdict, explained_by, reason FROM ceo.suspects ORDER BY rank",
        "SELECT interaction_id, kind, text, language, line, CAST(created_on AS VARCHAR) AS created_on FROM staging.interactions ORDER BY interaction_id",
        "SELECT order_id, order_line, customer_id, certainty, units, CAST(ordered_on AS VARCHAR) AS ordered_on FROM outreach.affected ORDER BY order_id, order_line",
        "SELECT CAST(\"position\" AS INT) AS place, language, sentence FROM ceo.headlines ORDER BY place, language",
    ];
    for query in queries {
        let theirs = duckdb_reads(&warehouse, &rows_of(query));
        let theirs = crate::sample_copy::objects(&theirs);
        let ours = project.rows(query);
        assert!(!ours.is_empty(), "{query}");
        assert_eq!(theirs, ours, "{query}");
    }
}
