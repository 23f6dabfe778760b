//! `tsugi warehouse rollback`: an older snapshot is published again as a new one.

use std::time::Duration;

use serde_json::json;

use super::{Small, duckdb};
use crate::duckdb::has_duckdb;
use crate::sample_copy::{killed_within, objects};

fn project(name: &str) -> Small {
    let small = Small::new(
        name,
        &[
            ("a.x", "SELECT 1 AS id"),
            ("a.same", "SELECT 5 AS id"),
            ("a.old", "SELECT 8 AS id"),
        ],
    );
    small.keeps("forever");
    small.run();
    // Other rows, another column, a new table, and one that leaves.
    small.model("a.x", "SELECT 'two' AS id, 2 AS more");
    small.model("a.new", "SELECT id FROM a.x");
    small.remove("a.old");
    small.run();
    small
}

#[test]
fn an_older_snapshot_becomes_the_newest() {
    let small = project("rollback");
    let outcome = small.tsugi("warehouse rollback", &["1"]).ended(0);
    assert!(
        outcome
            .stdout
            .starts_with("snapshot 3 has the tables of snapshot 1; the next run makes again"),
        "{outcome:?}"
    );
    assert!(
        outcome
            .stderr
            .contains("a.new was not in snapshot 1 and is dropped"),
        "{outcome:?}"
    );
    assert_eq!(small.rows("SELECT * FROM a.x"), "1");
    assert_eq!(small.rows("SELECT * FROM a.old"), "8");
    assert_ne!(small.tsugi("query", &["SELECT * FROM a.new"]).code, Some(0));
    small.tsugi("warehouse verify", &[]).ended(0);
    if has_duckdb() {
        let shown = duckdb(
            &small,
            "for v in (1, 2, 3): print(c.execute(f'SELECT * FROM lake.a.x AT (VERSION => {v})').fetchall())\n\
             print(c.execute('SELECT id FROM lake.a.old').fetchall())",
        );
        assert_eq!(shown, "[(1,)]\n[('two', 2)]\n[(1,)]\n[(8,)]");
    }
    // Expiring what it came from takes no file away.
    small
        .tsugi("warehouse expire", &["--keep", "1 snapshots"])
        .ended(0);
    assert_eq!(small.rows("SELECT * FROM a.x"), "1");
    // The next run says what it makes again.
    let said = small.run();
    assert!(
        said.contains("made again after the rollback to snapshot 1"),
        "{said}"
    );
    assert!(said.contains(": a.x"), "{said}");
    assert!(
        said.contains("a.old is no longer in the pipeline"),
        "{said}"
    );
    assert_eq!(small.rows("SELECT * FROM a.x"), "two,2");
}

#[test]
fn a_pipeline_that_is_put_back_too_has_nothing_to_make() {
    let small = project("rollback-both");
    small.tsugi("warehouse rollback", &["1"]).ended(0);
    small.model("a.x", "SELECT 1 AS id");
    small.model("a.old", "SELECT 8 AS id");
    small.remove("a.new");
    assert!(small.run().contains("nothing changed"));
    let done = objects(
        &small
            .tsugi("warehouse rollback", &["3", "--json"])
            .ended(0)
            .stdout,
    );
    assert_eq!(done[0]["snapshot"], json!(null), "nothing differs");
    // Forward again is the same thing.
    small.tsugi("warehouse rollback", &["2"]).ended(0);
    assert_eq!(small.rows("SELECT id FROM a.new"), "two");
}

#[test]
fn what_cannot_be_rolled_back_is_said_and_changes_nothing() {
    let small = project("rollback-not");
    let outcome = small.tsugi("warehouse rollback", &["9"]).ended(1);
    assert!(
        outcome
            .stderr
            .contains("there is no snapshot 9; the last one is 2"),
        "{outcome:?}"
    );
    let old = small.files("a.old");
    std::fs::remove_file(&old[0]).unwrap();
    let outcome = small.tsugi("warehouse rollback", &["1"]).ended(1);
    assert!(
        outcome.stderr.contains("a file of table a.old is gone"),
        "{outcome:?}"
    );
    assert_eq!(small.rows("SELECT * FROM a.x"), "two,2");
    assert!(small.run().contains("nothing changed"));
    assert_eq!(small.files("a.x").len(), 2, "links are left over");
}

#[test]
fn a_rollback_that_is_killed_happened_or_did_not() {
    let small = project("rollback-killed");
    for wait in [6, 10, 14, 18, 22, 30] {
        killed_within(
            small.command("warehouse rollback", &["1"]),
            Duration::from_millis(wait),
        );
        let seen = small.rows("SELECT id FROM a.x");
        let old = small.tsugi("query", &["SELECT * FROM a.old"]).code == Some(0);
        assert!(
            (seen == "1" && old) || (seen == "two" && !old),
            "{seen}, {old}"
        );
        small.tsugi("warehouse verify", &[]).ended(0);
        small.tsugi("warehouse rollback", &["2"]).ended(0);
        assert_eq!(small.rows("SELECT * FROM a.x"), "two,2");
        assert!(small.run().contains("nothing changed"));
    }
}
