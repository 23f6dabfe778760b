//! Tables whose model was removed or renamed leave with the next publish; those of others stay.

use serde_json::json;

use super::{Small, duckdb};
use crate::duckdb::has_duckdb;

const X: (&str, &str) = ("a.x", "SELECT 1 AS id");
const Y: (&str, &str) = ("a.y", "SELECT id + 1 AS id FROM a.x");

#[test]
fn the_table_of_a_removed_model_is_dropped_and_said() {
    let small = Small::new("former-removed", &[X, Y, ("a.z", "SELECT 3 AS id")]);
    small.keeps("forever");
    small.run();
    // Nothing else has changed: the removal alone is published.
    small.remove("a.y");
    let said = small.run();
    assert!(
        said.contains(
            "a.y is no longer in the pipeline: its table was dropped; snapshot 1 still has it"
        ),
        "{said}"
    );
    assert!(
        said.contains("made=0 unchanged=2 quarantined=0 snapshot=2"),
        "{said}"
    );
    let outcome = small.tsugi("query", &["SELECT * FROM a.y"]);
    assert_ne!(outcome.code, Some(0), "{outcome:?}");
    // A renamed model is another table, and the old one leaves in the same publish.
    small.remove("a.z");
    small.model("b.z", "SELECT 3 AS id");
    let done = small.done();
    assert_eq!(done["dropped"], json!(["a.z"]), "{done:?}");
    assert_eq!(small.rows("SELECT id FROM b.z"), "3");
    assert!(small.run().contains("nothing changed"));
    if has_duckdb() {
        let shown = duckdb(
            &small,
            "print(c.execute(\"SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE database_name = 'lake' ORDER BY 1\").fetchall())\n\
             print(c.execute('SELECT id FROM lake.a.y AT (VERSION => 1)').fetchall())\n\
             c.execute('CREATE TABLE lake.a.y AS SELECT 9 AS id')\n\
             print(c.execute('SELECT id FROM lake.a.y').fetchall())",
        );
        assert_eq!(shown, "[('a.x',), ('b.z',)]\n[(2,)]\n[(9,)]");
        // What DuckDB created under a name that was ours once is theirs.
        let said = small.run();
        assert!(!said.contains("a.y"), "{said}");
        assert_eq!(small.rows("SELECT id FROM a.y"), "9");
    }
}

#[test]
fn tables_of_other_clients_stay() {
    let small = Small::new("former-others", &[X, Y]);
    small.run();
    if !has_duckdb() {
        return;
    }
    duckdb(
        &small,
        "c.execute('CREATE TABLE lake.a.theirs AS SELECT 5 AS id')\n\
         c.execute('CREATE SCHEMA lake.own'); c.execute('CREATE TABLE lake.own.t AS SELECT 6 AS id')\n\
         c.execute('ALTER TABLE lake.a.y RENAME TO renamed')",
    );
    small.remove("a.y");
    small.model("a.x", "SELECT 2 AS id");
    let done = small.done();
    assert_eq!(done["dropped"], json!([]), "{done:?}");
    let sql = "SELECT (SELECT id FROM a.theirs) AS p, (SELECT id FROM own.t) AS q, (SELECT id FROM a.x) AS r";
    assert_eq!(small.rows(sql), "5,6,2");
    assert_eq!(small.rows("SELECT id FROM a.renamed"), "2");
}

#[test]
fn two_pipelines_in_one_warehouse_leave_each_other_alone() {
    let (one, two) = (
        Small::new("former-one", &[X, Y]),
        Small::new("former-two", &[("b.t", "SELECT 7 AS id")]),
    );
    let shared = one.path(".tsugi");
    two.write(
        "pipeline.toml",
        &format!(
            "[pipeline]\nname = \"other\"\nas_of = \"2026-01-31\"\n[warehouse]\ndir = \"{}\"\n",
            shared.display()
        ),
    );
    one.run();
    two.run();
    one.remove("a.y");
    assert_eq!(one.done()["dropped"], json!(["a.y"]));
    assert_eq!(two.done()["dropped"], json!([]));
    assert_eq!(one.rows("SELECT a.id, b.id FROM a.x a, b.t b"), "1,7");
}

#[test]
fn a_table_that_was_dropped_can_return() {
    let small = Small::new("former-back", &[X, Y]);
    small.keeps("forever");
    small.run();
    small.remove("a.y");
    small.run();
    small.model(Y.0, "SELECT 'text' AS id, 4 AS more");
    assert!(small.run().contains("made=1"));
    assert_eq!(small.rows("SELECT * FROM a.y"), "text,4");
    if has_duckdb() {
        let shown = duckdb(
            &small,
            "for v in (1, 3): print(c.execute(f'SELECT * FROM lake.a.y AT (VERSION => {v})').fetchall())",
        );
        assert_eq!(shown, "[(2,)]\n[('text', 4)]");
    }
}

/// A failed run drops nothing.
#[test]
fn a_run_that_fails_leaves_former_tables() {
    let small = Small::new("former-failed", &[X, Y]);
    small.run();
    small.remove("a.y");
    small.write("checks/never.sql", "SELECT id FROM a.x");
    small.tsugi("run", &[]).ended(1);
    assert_eq!(small.rows("SELECT id FROM a.y"), "2");
}
