//! `AT (VERSION => n)` and `AT (TIMESTAMP => …)` in queries, and their refusal in models.

use super::{Small, duckdb};
use crate::duckdb::has_duckdb;

fn project(name: &str) -> Small {
    let small = Small::new(name, &[("a.x", "SELECT 1 AS id, 'old' AS text")]);
    small.keeps("forever");
    small.run();
    small.model("a.x", "SELECT 2 AS id, 'new' AS text");
    small.model("a.y", "SELECT 3 AS id");
    small.run();
    small
}

#[test]
fn an_older_snapshot_is_read_by_its_number() {
    let small = project("travel-number");
    for (sql, rows) in [
        ("SELECT id FROM a.x AT (VERSION => 1)", "1"),
        ("SELECT x.id FROM a.x AT (version=>1)", "1"),
        ("SELECT id FROM a.x AT (VERSION => 2)", "2"),
        (
            "SELECT o.id, n.id, (SELECT text FROM a.x AT (VERSION => 1)) FROM a.x AT (VERSION => 1) AS o, a.x n",
            "1,2,old",
        ),
        (
            "WITH o AS (SELECT id FROM\n  \"a\".\"x\"  /* 表 */ AT (VERSION => 1)) SELECT sum(id) FROM (SELECT id FROM o UNION ALL SELECT id FROM a.x AT (VERSION => 2)) t",
            "3",
        ),
        ("SELECT 'AT (VERSION => 1)' AS t", "AT (VERSION => 1)"),
    ] {
        assert_eq!(small.rows(sql), rows, "{sql}");
    }
    if has_duckdb() {
        let theirs = "print(c.execute('SELECT id FROM lake.a.x AT (VERSION => 1)').fetchall())";
        assert_eq!(duckdb(&small, theirs), "[(1,)]");
    }
}

#[test]
fn an_older_snapshot_is_read_by_its_moment() {
    let small = project("travel-moment");
    let soon = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    for text in [
        soon.format("%Y-%m-%d %H:%M:%S").to_string(),
        soon.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string(),
    ] {
        for kind in ["", "TIMESTAMP "] {
            let sql = format!("SELECT id FROM a.x AT (TIMESTAMP => {kind}'{text}')");
            assert_eq!(small.rows(&sql), "2", "{sql}");
        }
    }
    let outcome = small.tsugi(
        "query",
        &["SELECT id FROM a.x AT (TIMESTAMP => '2020-01-01')"],
    );
    assert!(
        outcome.stderr.contains("no snapshot is so old"),
        "{outcome:?}"
    );
}

#[test]
fn what_names_no_snapshot_is_said_with_its_place() {
    let small = project("travel-wrong");
    for (sql, said) in [
        (
            "SELECT id FROM a.x AT (VERSION => 7)",
            "there is no snapshot 7; the last one is 2",
        ),
        (
            "SELECT id FROM a.y AT (VERSION => 1)",
            "there is no table a.y in snapshot 1",
        ),
        (
            "SELECT id FROM a.x AT (VERSION => 'one')",
            "AT names no snapshot",
        ),
        (
            "SELECT id FROM a.x AT (VERSION => 1 + 1)",
            "AT names no snapshot",
        ),
        (
            "SELECT id FROM a.x AT (TIMESTAMP => 'yesterday')",
            "AT names no snapshot",
        ),
        ("SELECT 1 AT (VERSION => 1)", "AT follows no table"),
        (
            "SELECT id FROM a.x x AT (VERSION => 1)",
            "AT follows no table",
        ),
    ] {
        let outcome = small.tsugi("query", &[sql]);
        assert_ne!(outcome.code, Some(0), "{sql}");
        assert!(outcome.stderr.contains(said), "{sql}: {}", outcome.stderr);
    }
}

#[test]
fn a_model_and_a_check_read_what_is_now() {
    let small = project("travel-model");
    small.model("a.z", "SELECT id\nFROM a.x AT (VERSION => 1)");
    small.write(
        "checks/c.sql",
        "SELECT id FROM a.x AT (VERSION => 1) WHERE false",
    );
    let outcome = small.tsugi("check", &[]).ended(2);
    for place in ["models/a/z.sql:2:10", "checks/c.sql:1:20"] {
        assert!(
            outcome.stderr.contains(place),
            "{place}: {}",
            outcome.stderr
        );
    }
    assert!(
        outcome.stderr.contains("AT reads an older snapshot"),
        "{outcome:?}"
    );
}
