//! Descriptions of columns: compared with the columns that are there, and published as comments.

use serde_json::json;

use crate::duckdb::{duckdb, has_duckdb};
use crate::sample_copy::{Project, objects};
use crate::support::assert_printed;

const MODEL: &str = "-- Sums of the sales.
-- @personal name
-- @column name: the customer
-- @column total: what all sales
--   of the customer's add up to
SELECT name, sum(amount) AS total, count(*) AS sales FROM seeds.sold GROUP BY name
";

fn project(name: &str) -> Project {
    let project = Project::empty(name);
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"columns\"\nas_of = \"2026-03-31\"\n[seeds.sold]\ncolumns = { amount = \"integer\" }\n",
    );
    project.write("seeds/sold.csv", "name,amount\nAda,1\nBo,2\n");
    project.write("models/a/sums.sql", MODEL);
    project
}

/// The comments of `a.sums` as DuckDB shows them, one line a column.
fn comments(project: &Project) -> Option<String> {
    let script = "for row in c.execute(\"SELECT column_name, comment FROM duckdb_columns() \
        WHERE database_name = 'lake' AND table_name = 'sums' ORDER BY column_index\").fetchall(): print(*row, sep=': ')";
    has_duckdb().then(|| duckdb(&project.path(".tsugi/warehouse"), script))
}

/// Runs; how many tables were rebuilt, and whether a snapshot was published.
#[track_caller]
fn run(project: &Project) -> (u64, bool) {
    let outcome = project.tsugi("run", &["--json"]).ended(0);
    let done = objects(&outcome.stdout).pop().unwrap();
    (
        done["made"].as_u64().unwrap(),
        done["published"].as_bool().unwrap(),
    )
}

#[test]
fn descriptions_are_comments_that_duckdb_shows_and_change_alone() {
    let project = project("columns-described");
    assert_eq!(run(&project), (2, true));
    let Some(first) = comments(&project) else {
        return;
    };
    assert_eq!(
        first,
        "name: personal: the customer\ntotal: what all sales of the customer's add up to\nsales: None"
    );
    assert_eq!(run(&project), (0, false));

    // A description is no reason to rebuild the table, and is published all the same.
    project.edit("models/a/sums.sql", "the customer\n", "who bought\n");
    project.edit(
        "models/a/sums.sql",
        "-- @column total: what all sales\n--   of the customer's add up to\n",
        "-- @column sales: how many\n",
    );
    assert_eq!(run(&project), (0, true));
    assert_eq!(
        comments(&project).unwrap(),
        "name: personal: who bought\ntotal: None\nsales: how many"
    );
    let checked = project.tsugi("check", &["--json"]).ended(0);
    let plan = &objects(&checked.stdout)[0]["plan"];
    assert_eq!(
        plan["columns"]["a.sums"],
        json!({"name": "who bought", "sales": "how many"})
    );

    // So is that the last description is gone.
    let last = project.edit(
        "models/a/sums.sql",
        "-- @column name: who bought\n-- @column sales: how many\n",
        "",
    );
    assert_eq!(run(&project), (0, true));
    assert_eq!(
        comments(&project).unwrap(),
        "name: personal\ntotal: None\nsales: None"
    );
    project.write("models/a/sums.sql", &last);
    assert_eq!(run(&project), (0, true));

    // The comments of a table that is rebuilt are published with it.
    project.edit("models/a/sums.sql", "count(*)", "count(name)");
    assert_eq!(run(&project), (1, true));
    assert_eq!(
        comments(&project).unwrap(),
        "name: personal: who bought\ntotal: None\nsales: how many"
    );
}

#[test]
fn a_description_of_no_column_is_an_error_with_its_place() {
    let project = project("columns-unknown");
    project.edit("models/a/sums.sql", "@column total", "@column totl");
    project.write(
        "checks/empty.sql",
        "-- @column name: no table has it\nSELECT name FROM a.sums WHERE name IS NULL",
    );
    let outcome = project.tsugi("check", &[]).ended(2);
    assert_printed!(outcome.stderr, @"
    error: `@column` in a check, which makes no table, is not supported by this version of tsugi
      --> checks/empty.sql:1:12
       |
     1 | -- @column name: no table has it
       |            ^^^^
    hint: delete the line

    1 error; nothing ran
    ");
    project.write(
        "checks/empty.sql",
        "SELECT name FROM a.sums WHERE name IS NULL",
    );
    let outcome = project.tsugi("check", &[]).ended(2);
    assert_printed!(outcome.stderr, @"
    error: there is no column `totl` in `a.sums`
      --> models/a/sums.sql:4:12
       |
     4 | -- @column totl: what all sales
       |            ^^^^
    hint: did you mean `total`?

    1 error; nothing ran
    ");
}

#[test]
fn a_line_that_may_continue_a_description_or_not_is_an_error() {
    let project = project("columns-indented");
    project.edit("models/a/sums.sql", "--   of the", "-- of the");
    let outcome = project.tsugi("check", &[]).ended(2);
    assert_printed!(outcome.stderr, @"
    error: the line below `@column total` is not indented, so it is not clear whether it belongs to it
      --> models/a/sums.sql:5:4
       |
     5 | -- of the customer's add up to
       |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    hint: indent it by two spaces to continue the description, or write a line of `--` above it

    1 error; nothing ran
    ");
}
