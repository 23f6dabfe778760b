//! Checks run when they or what they read is new, also where no table is made.

use crate::sample_copy::{Project, objects};
use crate::support::assert_printed;

/// Runs the project; returns the names of the checks that ran, and what was done.
#[track_caller]
fn checks_of(project: &Project) -> (Vec<String>, String) {
    let outcome = project.tsugi("run", &["--json"]).ended(0);
    let events = objects(&outcome.stdout);
    let checked = events.iter().filter(|event| event["event"] == "checked");
    let names = checked.map(|event| event["check"].as_str().unwrap().to_owned());
    let done = events.last().unwrap();
    (
        names.collect(),
        format!("{} made, {} stand", done["made"], done["unchanged"]),
    )
}

#[test]
fn a_check_runs_until_it_has_passed_over_this_content() {
    let project = Project::empty("checks");
    let columns = "columns = { n = \"integer\" }";
    project.write(
        "pipeline.toml",
        &format!(
            "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n[seeds.one]\n{columns}\n[seeds.two]\n{columns}\n"
        ),
    );
    project.write("seeds/one.csv", "n\n1\n2\n");
    project.write("seeds/two.csv", "n\n5\n");
    project.write("models/a/sum.sql", "SELECT sum(n) AS n FROM seeds.one");
    project.write("models/a/most.sql", "SELECT max(n) AS n FROM seeds.two");
    project.write("checks/gain.sql", "SELECT * FROM a.sum WHERE n < 0");
    project.write("checks/there.sql", "SELECT * FROM a.most WHERE n IS NULL");
    let all = ["gain".to_owned(), "there".to_owned()];
    assert_eq!(
        checks_of(&project),
        (all.to_vec(), "4 made, 0 stand".into())
    );
    assert_eq!(checks_of(&project), (vec![], "0 made, 4 stand".into()));

    // One more check over tables that stand: it runs at once, and again until it passes.
    project.write("checks/small.sql", "SELECT * FROM a.sum WHERE n > 2");
    for _ in 0..2 {
        let outcome = project.tsugi("run", &[]).ended(1);
        assert!(
            outcome.stderr.contains("the check `small` found 1 bad row")
                && outcome.stderr.contains("n: 3"),
            "{}",
            outcome.stderr
        );
    }
    project.write("checks/small.sql", "SELECT * FROM a.sum WHERE n > 20");
    let small = vec!["small".to_owned()];
    assert_eq!(checks_of(&project), (small, "0 made, 4 stand".into()));
    assert_eq!(checks_of(&project), (vec![], "0 made, 4 stand".into()));

    // Only what reads the table that changed runs again; what failed before is not known to hold.
    project.write("seeds/two.csv", "n\n\n");
    let outcome = project.tsugi("run", &[]).ended(1);
    assert_printed!(outcome.stderr, @"
    [2/4] seeds.two  0 rows  0.0 s
    [3/4] a.most  1 row  0.0 s
    error: the check `there` found 1 bad row, the first: n: null
    hint: the last published tables are unchanged; checks/there.sql says what it looks for

    1 failed; nothing was published; the next run takes over 2 finished tables
    ");
    project.write("seeds/two.csv", "n\n7\n");
    let there = vec!["there".to_owned()];
    assert_eq!(checks_of(&project), (there, "2 made, 2 stand".into()));
}
