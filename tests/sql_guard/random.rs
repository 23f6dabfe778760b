//! Random small tables with nulls and doubles: every shape beside DuckDB's answer.

use std::fmt::Write as _;
use std::process::Command;

use crate::sample_copy::Project;
use crate::support::skipped;

use super::PIPELINE;

const SEEDS: u64 = 6;

/// Shapes over `a(id, g)` and `b(id, g)`; `?` is a small number.
const SHAPES: [&str; 30] = [
    "SELECT a.id, a.g FROM t.a WHERE a.id NOT IN (SELECT b.id FROM t.b)",
    "SELECT a.id, a.g FROM t.a WHERE a.id NOT IN (SELECT b.id FROM t.b WHERE b.g > ?)",
    "SELECT a.id FROM t.a WHERE ? NOT IN (SELECT b.id FROM t.b)",
    "SELECT a.id FROM t.a WHERE a.id + 1 NOT IN (SELECT b.id FROM t.b WHERE b.id IS NOT NULL)",
    "SELECT a.id FROM t.a WHERE NOT (a.g IN (SELECT b.id FROM t.b WHERE b.g = ?))",
    "SELECT a.id FROM t.a WHERE a.g = ? OR a.id NOT IN (SELECT b.id FROM t.b WHERE b.g < ?)",
    "SELECT a.id FROM t.a WHERE a.g = ? OR NOT (a.id IN (SELECT b.g FROM t.b) AND a.g > ?)",
    "SELECT a.id FROM t.a WHERE (a.id IN (SELECT b.id FROM t.b)) IS NULL",
    "SELECT a.id FROM t.a WHERE (a.id NOT IN (SELECT b.id FROM t.b WHERE b.g <> ?)) IS NOT TRUE",
    "SELECT a.id FROM t.a WHERE a.id NOT IN (SELECT b.id FROM t.b WHERE b.g = a.g)",
    "SELECT a.id FROM t.a WHERE a.id NOT IN (SELECT b.id FROM t.b WHERE b.g > a.g)",
    "SELECT a.id FROM t.a WHERE ? NOT IN (SELECT b.id FROM t.b WHERE b.g = a.g)",
    "SELECT a.id FROM t.a WHERE a.g = ? OR a.id NOT IN (SELECT b.id FROM t.b WHERE b.g = a.g)",
    "SELECT a.id FROM t.a WHERE (a.id IN (SELECT b.id FROM t.b WHERE b.g = a.g)) IS NULL",
    "SELECT a.id, a.id IN (SELECT b.id FROM t.b) AS f FROM t.a",
    "SELECT a.id, a.g NOT IN (SELECT b.id FROM t.b WHERE b.g > ?) AS f FROM t.a",
    "SELECT a.id FROM t.a WHERE a.id > ALL (SELECT b.id FROM t.b WHERE b.g = ?)",
    "SELECT a.id FROM t.a WHERE a.id <= ALL (SELECT a.id FROM t.a WHERE a.id IS NOT NULL)",
    "SELECT a.id FROM t.a WHERE a.id < ANY (SELECT a.id FROM t.a)",
    "SELECT a.id FROM t.a WHERE NOT (a.id <> ALL (SELECT b.id FROM t.b))",
    "SELECT a.id FROM t.a WHERE (a.id = ANY (SELECT b.g FROM t.b WHERE b.id > ?)) IS NULL",
    "SELECT id, a.g AS l, b.g AS r FROM t.a FULL JOIN t.b USING (id)",
    "SELECT id, g FROM t.a NATURAL FULL JOIN t.b",
    "SELECT id, count(*) AS n FROM t.a RIGHT JOIN t.b USING (id) GROUP BY id",
    "SELECT id, a.id AS l, b.id AS r FROM t.a FULL JOIN t.b USING (id) WHERE id > ? OR id IS NULL",
    "SELECT id FROM t.a FULL JOIN t.b USING (id) FULL JOIN (SELECT g AS id FROM t.b) AS c USING (id)",
    "SELECT id FROM t.a EXCEPT ALL SELECT id FROM t.b",
    "SELECT id, g FROM t.a INTERSECT ALL SELECT id, g FROM t.b",
    "SELECT id FROM t.a EXCEPT ALL (SELECT g FROM t.b INTERSECT ALL SELECT id FROM t.b)",
    "SELECT id, g, sum(id) OVER (w ORDER BY id, g) AS s FROM t.a WINDOW w AS (PARTITION BY g)",
];

const JUDGE: &str = "import json, sys, duckdb
job = json.load(open(sys.argv[1], encoding='utf-8'))
c = duckdb.connect()
c.execute('CREATE SCHEMA t')
for name, sql in job['tables'].items():
    c.execute(f'CREATE TABLE t.{name} AS {sql}')
text = lambda v: '' if v is None else str(v).lower() if isinstance(v, bool) else str(v)
print(json.dumps([sorted(','.join(map(text, row)) for row in c.execute(sql).fetchall()) for sql in job['queries']]))
";

fn table(random: &mut fastrand::Rng) -> String {
    let mut number = || match random.u8(0..6) {
        0 => "CAST(NULL AS INT)".to_owned(),
        n => n.to_string(),
    };
    let first = format!("({}, {})", number(), number());
    let mut rows = vec![first];
    let more = random.usize(0..9);
    for _ in 0..more {
        let mut number = || match random.u8(0..6) {
            0 => "NULL".to_owned(),
            n => n.to_string(),
        };
        rows.push(format!("({}, {})", number(), number()));
    }
    let filter = if random.u8(0..8) == 0 {
        " WHERE FALSE"
    } else {
        ""
    };
    format!(
        "SELECT * FROM (VALUES {}) AS v(id, g){filter}",
        rows.join(", ")
    )
}

#[test]
fn duckdb_answers_every_shape_alike() {
    let mut differences = String::new();
    for seed in 0..SEEDS {
        let random = &mut fastrand::Rng::with_seed(seed);
        let project = Project::empty("guard-random");
        project.write("pipeline.toml", PIPELINE);
        let (a, b) = (table(random), table(random));
        project.write("models/t/a.sql", &a);
        project.write("models/t/b.sql", &b);
        project.tsugi("run", &[]).ended(0);
        let queries: Vec<String> = SHAPES
            .iter()
            .map(|shape| shape.replace('?', &random.u8(1..6).to_string()))
            .collect();
        let job = serde_json::json!({"tables": {"a": a, "b": b}, "queries": queries});
        project.write("job.json", &job.to_string());
        let judge = Command::new("python3")
            .args(["-c", JUDGE])
            .arg(project.path("job.json"))
            .output();
        let judge = match judge {
            Ok(output) if output.status.success() => output,
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(why.contains("No module named"), "{why}");
                return skipped("duckdb", &why);
            }
            Err(error) => return skipped("duckdb", &error.to_string()),
        };
        let due: Vec<Vec<String>> = serde_json::from_slice(&judge.stdout).unwrap();
        for (sql, due) in queries.iter().zip(due) {
            let printed = project.tsugi("query", &[sql, "--format", "csv"]);
            let mut rows: Vec<String> = printed.stdout.lines().skip(1).map(unquoted).collect();
            rows.sort();
            if printed.code != Some(0) || rows != due {
                writeln!(
                    differences,
                    "seed {seed}: {sql}\n  a {a}\n  b {b}\n  due {due:?}\n  found {rows:?} {}",
                    printed.stderr
                )
                .unwrap();
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// A row that is one empty text is printed in quotes.
fn unquoted(row: &str) -> String {
    if row == "\"\"" {
        String::new()
    } else {
        row.to_owned()
    }
}
