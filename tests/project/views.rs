//! Views: planned into the queries that read them, part of their fingerprints, never published.

use serde_json::Value;

use tsugi_pipeline::store::SnapshotId;

use crate::sample_copy::{Project, objects};
use crate::support::assert_printed;

const PIPELINE: &str = r#"[pipeline]
name = "views"
as_of = "2026-03-31"
[vars]
least = 2
[seeds.sold]
columns = { amount = "integer" }
[personal.columns]
"seeds.sold" = ["name"]
"#;

/// Two tables over two views, of which one reads the other.
fn project(name: &str) -> Project {
    let project = Project::empty(name);
    project.write("pipeline.toml", PIPELINE);
    project.write("seeds/sold.csv", "name,amount\nAda,1\nBo,2\nCy,3\n");
    project.write("seeds/apart.csv", "word\nx\n");
    project.write(
        "models/staging/large.sql",
        "-- Large sales.\n-- @kind view\nSELECT * FROM seeds.sold WHERE amount >= $least",
    );
    project.write(
        "models/staging/doubled.sql",
        "-- @kind view\nSELECT name AS who, amount * 2 AS twice FROM staging.large AS l",
    );
    project.write(
        "models/a/sums.sql",
        "SELECT sum(d.twice) AS total, (SELECT count(*) FROM staging.large) AS sales FROM staging.doubled AS d",
    );
    project.write("models/a/names.sql", "SELECT who FROM staging.doubled");
    project.write("models/a/words.sql", "SELECT word FROM seeds.apart");
    project
}

/// Runs, and returns the tables that were rebuilt with the last event.
#[track_caller]
fn run(project: &Project) -> (Vec<String>, Value) {
    let events = objects(&project.tsugi("run", &["--json"]).ended(0).stdout);
    let finished = events
        .iter()
        .filter(|event| event["event"] == "step_finished");
    let rebuilt = finished.filter(|event| event["unchanged"] == false);
    let tables = rebuilt.map(|event| event["table"].as_str().unwrap().to_owned());
    let done = events.last().unwrap().clone();
    (tables.collect(), Value::Object(done))
}

/// The error of a command that must end with this code.
#[track_caller]
fn error(project: &Project, verb: &str, more: &[&str], code: i32) -> String {
    project.tsugi(verb, more).ended(code).stderr
}

#[tokio::test]
async fn views_are_planned_into_their_readers_and_not_published() {
    let project = project("views-inlined");
    let (rebuilt, done) = run(&project);
    assert_eq!(
        rebuilt,
        ["seeds.apart", "seeds.sold", "a.words", "a.names", "a.sums"]
    );
    assert_eq!((&done["made"], &done["unchanged"]), (&5.into(), &0.into()));
    let sums = &project.rows("SELECT total, sales FROM a.sums")[0];
    assert_eq!((&sums["total"], &sums["sales"]), (&10.into(), &2.into()));
    let snapshot = project.warehouse().await.snapshot().await.unwrap();
    let tables: Vec<String> = snapshot.tables.keys().map(ToString::to_string).collect();
    assert_eq!(
        tables,
        ["a.names", "a.sums", "a.words", "seeds.apart", "seeds.sold"]
    );
    let checked = project.tsugi("check", &[]).ended(0).stdout;
    assert_printed!(checked, @"ok: 3 models, 2 views, 2 tables of sources and seeds, 0 plugins, 0 checks");

    // A name that the views hand on stays personal.
    let shown = &project.rows("SELECT DISTINCT who FROM a.names")[0];
    assert!(!shown["who"].as_str().unwrap().contains("Bo"), "{shown:?}");
    let shown = &project.shown("SELECT min(who) AS who FROM a.names")[0];
    assert_eq!(shown["who"], "Bo");
}

#[test]
fn readers_are_rebuilt_when_a_view_or_what_it_reads_changes() {
    let project = project("views-changed");
    run(&project);
    assert!(run(&project).0.is_empty());
    project.edit("models/staging/doubled.sql", "* 2", "* 3");
    assert_eq!(run(&project).0, ["a.names", "a.sums"]);
    project.edit(
        "models/staging/doubled.sql",
        "SELECT",
        "-- A comment.\nSELECT",
    );
    assert!(run(&project).0.is_empty(), "a comment changes no query");
    // The variable stands in a view of a view.
    project.edit("pipeline.toml", "least = 2", "least = 3");
    assert_eq!(run(&project).0, ["a.names", "a.sums"]);
    project.edit("seeds/sold.csv", "Cy,3", "Cy,4");
    assert_eq!(run(&project).0, ["seeds.sold", "a.names", "a.sums"]);
    let sums = &project.rows("SELECT total, sales FROM a.sums")[0];
    assert_eq!((&sums["total"], &sums["sales"]), (&12.into(), &1.into()));
}

#[test]
fn a_check_reads_a_view_and_runs_again_when_the_view_changes() {
    let project = project("views-checked");
    project.write(
        "checks/small.sql",
        "SELECT twice FROM staging.doubled WHERE twice > 6",
    );
    run(&project);
    project.edit("models/staging/doubled.sql", "* 2", "* 3");
    let err = error(&project, "run", &[], 1);
    assert_printed!(err, @"
    [4/5] a.names  2 rows  0.0 s
    [5/5] a.sums  1 row  0.0 s
    error: the check `small` found 1 bad row, the first: twice: 9
    hint: the last published tables are unchanged; checks/small.sql says what it looks for

    1 failed; nothing was published; the next run takes over 2 finished tables
    ");
}

#[test]
fn outside_models_and_checks_a_view_is_refused_with_what_to_do() {
    let project = project("views-refused");
    run(&project);
    let err = error(&project, "query", &["SELECT 1 FROM staging.large"], 2);
    assert_printed!(err, @"
    error: `staging.large` is a view: it is never published
      --> SQL:1:15
    hint: name a table that selects from it, or delete `-- @kind view` in models/staging/large.sql

    1 error; nothing ran
    ");
    project.write(
        "models/staging/large.sql",
        "-- @kind view\nSELECT d.who AS name, d.twice AS amount FROM staging.doubled AS d",
    );
    let err = error(&project, "check", &[], 2);
    assert_printed!(err, @"
    error: these models need each other: `staging.doubled` -> `staging.large` -> `staging.doubled`
      --> models/staging/doubled.sql:2:46
       |
     2 | SELECT name AS who, amount * 2 AS twice FROM staging.large AS l
       |                                              ^^^^^^^^^^^^^
    hint: take one of these references out: models/staging/doubled.sql:2:46, models/staging/large.sql:2:46

    1 error; nothing ran
    ");
}

#[tokio::test]
async fn the_table_of_a_model_that_became_a_view_is_dropped() {
    let project = project("views-former");
    project.edit("models/staging/large.sql", "-- @kind view\n", "");
    assert!(run(&project).0.contains(&"staging.large".to_owned()));
    project.edit(
        "models/staging/large.sql",
        "SELECT *",
        "-- @kind view\nSELECT *",
    );
    let outcome = project.tsugi("run", &[]).ended(0);
    let words = "staging.large is a view now: its table was dropped; snapshot 1 still has it";
    assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    let warehouse = project.warehouse().await;
    let name = "staging.large".parse().unwrap();
    for (snapshot, has_it) in [
        (warehouse.snapshot_at(SnapshotId(1)).await.unwrap(), true),
        (warehouse.snapshot().await.unwrap(), false),
    ] {
        assert_eq!(snapshot.tables.contains_key(&name), has_it);
    }
    error(&project, "query", &["SELECT 1 FROM staging.large"], 2);
    let to = project.path("owned").display().to_string();
    let export = ["staging.large", "--owner", "name", "--to", &to];
    let export = [&export[..], &["--by", "Mika Sato", "--why", "a test"]].concat();
    assert_printed!(error(&project, "export", &export, 2), @"
    error: `staging.large` is a view: it is never published
    hint: name a table that selects from it, or delete `-- @kind view` in models/staging/large.sql

    1 error; nothing ran
    ");
    assert!(!project.path("owned").exists());
}
