//! What expressions mean: each statement with the answer that DuckDB or PostgreSQL gives, or with
//! the error that is due.

mod arithmetic;
mod bounds;
mod clock;
mod decimals;
mod intervals;
mod mixing;
mod names;
mod nan;
mod once;
mod places;
mod time;

use crate::sample_copy::Project;

/// A project with these models, run once.
fn project(name: &str, models: &[(&str, &str)]) -> Project {
    let project = Project::empty(name);
    let pipeline = "[pipeline]\nname = \"semantics\"\nas_of = \"2026-03-31\"\n";
    project.write("pipeline.toml", pipeline);
    for (model, sql) in models {
        project.write(&format!("models/{model}.sql"), sql);
    }
    project.tsugi("run", &[]).ended(0);
    project
}

/// The rows of a query as CSV without its heading.
#[track_caller]
fn rows(project: &Project, sql: &str) -> Vec<String> {
    let outcome = project.tsugi("query", &[sql, "--format", "csv"]).ended(0);
    outcome.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[track_caller]
fn answers(project: &Project, expected: &[(&str, &[&str])]) {
    for (sql, due) in expected {
        assert_eq!(rows(project, sql), *due, "{sql}");
    }
}

/// Each query fails with an error that holds the text.
#[track_caller]
fn refuses(project: &Project, expected: &[(&str, &str)]) {
    for (sql, due) in expected {
        let outcome = project.tsugi("query", &[sql, "--format", "csv"]);
        assert_ne!(outcome.code, Some(0), "{sql} answered {}", outcome.stdout);
        let said = &outcome.stderr;
        assert!(said.contains(due), "{sql}: {said}");
        let is_ours = !said.contains("Arrow error") && !said.contains("External error");
        assert!(is_ours, "{sql}: {said}");
    }
}
