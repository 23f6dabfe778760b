//! Where a query failed: the place of the expression and a row, at the data as at the plan.

use super::{project, refuses};

#[test]
fn a_query_that_fails_names_the_expression_and_a_row() {
    let rows = "SELECT * FROM (VALUES (1, 'x'), (0, '2')) AS v (i, s)";
    let project = project("places", &[("t/v", rows)]);
    refuses(
        &project,
        &[
            ("SELECT 1 / 0 AS x", "SQL:1:8"),
            ("SELECT CAST('x' AS INT) AS x", "SQL:1:13"),
            ("SELECT i,\n  10 / i AS x FROM t.v", "SQL:2:8"),
            (
                "SELECT 10 / i AS x FROM t.v",
                "divides by zero: 10 / 0, in the row i: 0, s: 2",
            ),
            ("SELECT sum(CAST(s AS INT)) AS x FROM t.v", "SQL:1:17"),
            ("SELECT i FROM t.v WHERE CAST(s AS INT) > 1", "SQL:1:30"),
            (
                "SELECT i FROM t.v WHERE i IN (SELECT s FROM t.v)",
                "SQL:1:38",
            ),
            (
                "SELECT v.i FROM t.v JOIN t.v AS w ON v.i = w.s",
                "in the row s: x",
            ),
            ("SELECT i + 9223372036854775807 AS x FROM t.v", "SQL:1:8"),
            ("SELECT (SELECT i FROM t.v) AS x", "SQL:1:16"),
            (
                "SELECT make_date(2026, 2, 30) AS x",
                "there is no such date: 2026, 2, 30",
            ),
            (
                "SELECT max(i, 2) AS x FROM t.v",
                "hint: write greatest(a, b)",
            ),
            ("SELECT min(i, 2) AS x FROM t.v", "hint: write least(a, b)"),
        ],
    );
}

#[test]
fn what_belongs_to_other_tools_is_said_with_what_to_write() {
    let project = project(
        "others",
        &[("t/v", "SELECT 1 AS i, DATE '2026-01-05' AS d")],
    );
    refuses(
        &project,
        &[
            (
                "SELECT * FROM {{ ref('v') }}",
                "a model is SQL without a template",
            ),
            ("{% set x = 1 %}", "a model is SQL without a template"),
            ("SELECT ${x} AS x", "write $name"),
            ("PIVOT t.v ON i USING sum(i)", "write SELECT * FROM t PIVOT"),
            (
                "SELECT to_char(d, 'YYYY-MM') AS x FROM t.v",
                "the format `YYYY-MM` has no place",
            ),
            (
                "SELECT to_date('05.01.2026', 'DD.MM.YYYY') AS x",
                "'%Y-%m-%d'",
            ),
            ("SELECT x.* FROM t.v", "FROM has no table `x`"),
            ("SELECT * FROM read_csv('x.csv')", "write a source"),
        ],
    );
    super::answers(
        &project,
        &[
            ("SELECT v.* FROM t.v", &["1,2026-01-05"]),
            (
                "SELECT v.*, w.i AS j FROM t.v JOIN t.v AS w ON v.i = w.i",
                &["1,2026-01-05,1"],
            ),
            ("SELECT to_char(d, '%Y-%m') AS x FROM t.v", &["2026-01"]),
        ],
    );
}

#[test]
fn a_run_that_is_refused_lists_as_much_as_check() {
    let project = crate::sample_copy::Project::empty("as-much");
    project.write("pipeline.toml", "[pipeline]\nname = \"x\"\nas_of = \"2026-03-31\"\n[seeds.s]\ncolumns = { n = \"integer\" }\n");
    project.write("seeds/s.csv", "n\nx\n");
    project.write("models/t/types.sql", "SELECT nothing AS x FROM seeds.s");
    project.write("models/t/constant.sql", "SELECT CAST('x' AS INT) AS x");
    let places = |verb: &str| -> Vec<String> {
        let said = project.tsugi(verb, &[]).ended(2).stderr;
        let places = said.lines().filter(|line| line.contains("--> "));
        places.map(str::to_owned).collect()
    };
    let checked = places("check");
    assert_eq!(checked.len(), 3, "{checked:?}");
    assert_eq!(places("run"), checked);
}

#[test]
fn a_seed_that_no_model_reads_is_published() {
    let project = crate::sample_copy::Project::empty("unread-seed");
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"x\"\nas_of = \"2026-03-31\"\n",
    );
    project.write("seeds/s.csv", "n\n7\n");
    project.write("models/t/v.sql", "SELECT 1 AS i");
    project.tsugi("run", &[]).ended(0);
    super::answers(&project, &[("SELECT n FROM seeds.s", &["7"])]);
    project.write("seeds/s.csv", "n,m\n7\n");
    let said = project.tsugi("check", &[]).ended(2).stderr;
    assert!(said.contains("seeds/s.csv:2:1"), "{said}");
}
