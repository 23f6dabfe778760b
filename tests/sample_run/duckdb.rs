//! DuckDB's own ducklake extension reads the published sample and gets the same rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::published;
use crate::support::skipped;

/// Prints each query's rows as JSON lines, or says that DuckDB is not there with exit code 3.
const SCRIPT: &str = r#"
import json, sys
try:
    import duckdb
    from duckdb_extensions import import_extension
    import_extension('ducklake'); import_extension('sqlite_scanner')
    c = duckdb.connect(); c.execute('LOAD ducklake; LOAD sqlite_scanner')
except Exception as error:
    print(error); sys.exit(3)
c.execute(f"ATTACH 'ducklake:sqlite:{sys.argv[1]}/warehouse/catalog.sqlite' AS lake (READ_ONLY)")
c.execute("USE lake; SET TimeZone='UTC'")
if len(sys.argv) == 2:
    for schema, name in c.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY 1, 2").fetchall():
        print(f"{schema}.{name}", c.execute(f'SELECT count(*) FROM lake.{schema}."{name}"').fetchone()[0])
for query in sys.argv[2:]:
    rows = c.execute(query)
    names = [one[0] for one in rows.description]
    for row in rows.fetchall():
        print(json.dumps(dict(zip(names, row)), ensure_ascii=False, default=str))
"#;

fn duckdb(folder: &Path, queries: &[&str]) -> Result<String, String> {
    let output = Command::new("python3")
        .args(["-c", SCRIPT])
        .arg(folder)
        .args(queries)
        .env("PYTHONIOENCODING", "utf-8")
        .output();
    let output = output.map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.code() {
        Some(0) => Ok(text(&output.stdout)),
        Some(3) => Err(text(&output.stdout)),
        _ => panic!("DuckDB cannot read the sample:\n{}", text(&output.stderr)),
    }
}

#[tokio::test]
async fn duckdb_reads_the_same_rows() {
    let published = published();
    let project = &published.project;
    let folder = project.path(".tsugi");
    let counted = match duckdb(&folder, &[]) {
        Ok(counted) => counted,
        Err(why) => return skipped("duckdb", &why),
    };
    let counted: BTreeMap<String, u64> = counted
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
        let theirs = duckdb(&folder, &[query]).unwrap();
        let theirs = crate::sample_copy::objects(&theirs);
        let ours = project.rows(query);
        assert!(!ours.is_empty(), "{query}");
        assert_eq!(theirs, ours, "{query}");
    }
}
