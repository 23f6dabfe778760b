//! A run that fails or dies keeps its work: what does not depend on the failure is made, every failure
//! is reported, and the next run takes over what it would make the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use crate::sample_copy::{Project, contents, data_files, killed_after, named_files, objects};
use crate::support::copy;

/// Two branches over one seed, and what reads them.
fn branches(name: &str) -> Project {
    let project = Project::empty(name);
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n[seeds.n]\ncolumns = { n = \"integer\" }\n",
    );
    project.write("seeds/n.csv", "n,t\n1,4\n2,5\n0,x\n");
    project.write("models/a/sum.sql", "SELECT sum(n) AS n FROM seeds.n");
    project.write("models/a/twice.sql", "SELECT n * 2 AS n FROM a.sum");
    project.write("models/b/share.sql", "SELECT 10 / n AS share FROM seeds.n");
    project.write(
        "models/b/most.sql",
        "SELECT max(share) AS most FROM b.share",
    );
    project.write(
        "models/c/number.sql",
        "SELECT CAST(t AS INT) AS t FROM seeds.n",
    );
    project.write("checks/few.sql", "SELECT * FROM b.most WHERE most > 100");
    project.write("checks/small.sql", "SELECT * FROM a.twice WHERE n > 100");
    project
}

/// The finished steps of a run, each with how it was made.
fn steps(stdout: &str) -> BTreeMap<String, &'static str> {
    let events = objects(stdout).into_iter();
    let finished = events.filter(|event| event["event"] == "step_finished");
    let how =
        |event: &serde_json::Map<String, Value>| match (&event["unchanged"], &event["resumed"]) {
            (Value::Bool(true), _) => "unchanged",
            (_, Value::Bool(true)) => "resumed",
            _ => "made",
        };
    finished
        .map(|event| (event["table"].as_str().unwrap().to_owned(), how(&event)))
        .collect()
}

/// What is published, and the files of it. No file of the warehouse is open afterwards.
fn published(project: &Project) -> (BTreeMap<String, (usize, String)>, BTreeSet<PathBuf>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let found = runtime.block_on(async {
        let warehouse = project.warehouse().await;
        let snapshot = warehouse.snapshot().await.unwrap();
        (contents(&snapshot).await, named_files(&warehouse).await)
    });
    drop(runtime);
    project.closed();
    found
}

fn one(text: &str) -> BTreeSet<String> {
    [text.to_owned()].into()
}

fn expected(of: &[(&str, &'static str)]) -> BTreeMap<String, &'static str> {
    of.iter()
        .map(|(table, how)| ((*table).to_owned(), *how))
        .collect()
}

#[test]
fn what_does_not_read_the_failure_is_made_once() {
    let project = branches("resume");
    let failed = project.tsugi("run", &[]).ended(1);
    for words in [
        "`10 / n` divides by zero: 10 / 0, in the row n: 0, t: x",
        "--> models/b/share.sql:1:13",
        "a text is not an INT: 'x', in the row t: x, n: 0",
        "--> models/c/number.sql:1:13",
        "2 failed; 2 not made, for they read what failed; nothing was published",
        "the next run takes over 3 finished tables",
    ] {
        assert!(
            failed.stderr.contains(words),
            "no `{words}` in\n{}",
            failed.stderr
        );
    }
    let nothing = project.tsugi("query", &["SELECT * FROM a.sum"]).ended(1);
    assert!(
        nothing.stderr.contains("nothing is published yet"),
        "{nothing:?}"
    );

    // One is mended: the other fails alone, and all that was made before is taken over.
    project.write(
        "models/b/share.sql",
        "SELECT 10 / NULLIF(n, 0) AS share FROM seeds.n",
    );
    let failed = project.tsugi("run", &["--json"]).ended(1);
    assert_eq!(
        steps(&failed.stdout),
        expected(&[
            ("seeds.n", "resumed"),
            ("a.sum", "resumed"),
            ("a.twice", "resumed"),
            ("b.share", "made"),
            ("b.most", "made"),
        ])
    );
    project.write(
        "models/c/number.sql",
        "SELECT TRY_CAST(t AS INT) AS t FROM seeds.n",
    );
    let done = project.tsugi("run", &["--json"]).ended(0);
    let made = steps(&done.stdout);
    assert_eq!(made.get("c.number"), Some(&"made"));
    assert_eq!(
        made.values().filter(|how| **how == "resumed").count(),
        5,
        "{made:?}"
    );
    assert_eq!(project.lines("SELECT n FROM a.twice"), one("6"));
    let again = project.tsugi("run", &["--json"]).ended(0);
    assert!(steps(&again.stdout).values().all(|how| *how == "unchanged"));
    assert_eq!(data_files(&project), published(&project).1);
}

#[test]
fn nothing_is_taken_over_that_would_be_made_otherwise() {
    let project = branches("resume-other");
    project.tsugi("run", &[]).ended(1);
    project.write("seeds/n.csv", "n,t\n1,4\n2,5\n4,6\n");
    let done = project.tsugi("run", &["--json"]).ended(0);
    assert!(
        steps(&done.stdout).values().all(|how| *how == "made"),
        "{done:?}"
    );
    assert_eq!(project.lines("SELECT n FROM a.twice"), one("14"));
    // Of what was kept and not used, no file is left.
    assert_eq!(data_files(&project), published(&project).1);
}

#[test]
fn a_failed_check_keeps_the_tables() {
    let project = branches("resume-check");
    project.write("seeds/n.csv", "n,t\n1,4\n2,5\n4,6\n");
    project.write("checks/small.sql", "SELECT * FROM a.twice WHERE n > 1");
    project.write("checks/few.sql", "SELECT * FROM b.most WHERE most > 1");
    let failed = project.tsugi("run", &[]).ended(1);
    for words in [
        "the check `small` found 1 bad row",
        "the check `few` found 1 bad row",
    ] {
        assert!(failed.stderr.contains(words), "{}", failed.stderr);
    }
    project.write("checks/small.sql", "SELECT * FROM a.twice WHERE n > 100");
    std::fs::remove_file(project.path("checks/few.sql")).unwrap();
    let done = project.tsugi("run", &["--json"]).ended(0);
    assert!(
        steps(&done.stdout).values().all(|how| *how == "resumed"),
        "{done:?}"
    );
}

#[test]
fn what_a_killed_run_had_published_is_not_taken_for_what_it_kept() {
    let project = branches("resume-published");
    project.write("seeds/n.csv", "n,t\n1,4\n2,5\n4,6\n");
    project.write("checks/small.sql", "SELECT * FROM a.twice WHERE n > 1");
    project.tsugi("run", &[]).ended(1);
    let (kept, saved) = (
        project.path(".tsugi/warehouse/unpublished"),
        project.path("kept"),
    );
    copy(&kept, &saved);
    project.write("checks/small.sql", "SELECT * FROM a.twice WHERE n > 100");
    project.tsugi("run", &[]).ended(0);
    // As a kill between the publishing and the end of the run leaves it.
    copy(&saved, &kept);
    let again = project.tsugi("run", &["--json"]).ended(0);
    assert!(
        steps(&again.stdout).values().all(|how| *how == "unchanged"),
        "{again:?}"
    );
    let (tables, named) = published(&project);
    assert!(tables.contains_key("a.twice"), "{tables:?}");
    assert_eq!(data_files(&project), named);
}

#[test]
fn a_failure_inside_a_view_names_the_view() {
    let project = branches("resume-view");
    project.write("models/c/number.sql", "SELECT 1 AS t");
    project.write(
        "models/b/share.sql",
        "-- @kind view\nSELECT n,\n  10 / n AS share\nFROM seeds.n",
    );
    let failed = project.tsugi("run", &[]).ended(1);
    for words in [
        "`b.most` failed: `10 / n` divides by zero: 10 / 0, in the row n: 0",
        "--> models/b/share.sql:3:8",
    ] {
        assert!(
            failed.stderr.contains(words),
            "no `{words}` in\n{}",
            failed.stderr
        );
    }
}

#[test]
fn killed_at_any_event_a_run_goes_on_and_gives_the_same_tables() {
    let project = branches("resume-kill");
    project.write("seeds/n.csv", "n,t\n1,4\n2,5\n4,6\n");
    let whole = project.tsugi("run", &["--json"]).ended(0);
    let events = objects(&whole.stdout).len();
    let (before, _) = published(&project);
    let mut resumed = 0;
    for count in 1..=events {
        std::fs::remove_dir_all(project.path(".tsugi")).unwrap();
        killed_after(project.command("run", &["--json"]), count);
        let done = project.tsugi("run", &["--json"]).ended(0);
        let made = steps(&done.stdout);
        resumed += made.values().filter(|how| **how == "resumed").count();
        let (found, named) = published(&project);
        assert!(found == before, "killed after event {count}");
        assert_eq!(data_files(&project), named, "killed after event {count}");
    }
    assert!(resumed > events, "only {resumed} tables were taken over");
}
