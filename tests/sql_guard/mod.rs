//! The guard under the SQL: what is written is answered, or refused.

mod answers;
mod random;
mod refused;
mod warned;

use crate::sample_copy::Project;

const PIPELINE: &str = "[pipeline]\nname = \"guard\"\nas_of = \"2026-03-31\"\n";

/// A project with small tables that have nulls, doubles and rows without a partner.
fn project(name: &str) -> Project {
    let project = Project::empty(name);
    project.write("pipeline.toml", PIPELINE);
    for (table, values) in [
        ("left_keys(k, x)", "(1, 10), (2, 20), (3, 30), (NULL, 40)"),
        (
            "right_keys(k, y)",
            "(2, 200), (3, 300), (4, 400), (NULL, 500)",
        ),
        ("third(k, z)", "(1, 'p'), (4, 'q'), (5, 'r')"),
        (
            "sold(id, shop, price)",
            "(1, 'x', 5), (2, 'x', 5), (3, 'y', 7), (4, 'y', 2), (5, 'z', 5)",
        ),
        ("doubled(a)", "(1), (1), (1), (2), (2), (3), (NULL), (NULL)"),
        ("fewer(a)", "(1), (2), (2), (2), (4), (NULL)"),
        ("two(id)", "(1), (2)"),
        ("with_null(id)", "(1), (NULL)"),
        ("none(id)", "(CAST(NULL AS INT))"),
        ("grouped(id, g)", "(1, 1), (NULL, 2), (3, NULL), (4, 1)"),
    ] {
        let (name, columns) = table.split_once('(').unwrap();
        let filter = if name == "none" { " WHERE FALSE" } else { "" };
        project.write(
            &format!("models/t/{name}.sql"),
            &format!("SELECT * FROM (VALUES {values}) AS v({columns}{filter}"),
        );
    }
    project
}

/// What a query prints as CSV, without its heading, one text a row.
#[track_caller]
fn csv(project: &Project, sql: &str) -> Vec<String> {
    let printed = project.tsugi("query", &[sql, "--format", "csv"]).ended(0);
    printed.stdout.lines().skip(1).map(str::to_owned).collect()
}
