//! What `tsugi check` passes, `tsugi run` does not refuse: one made model after another, right and
//! wrong in as many ways as we know. Findings have places, and words of ours.

use crate::sample_copy::Project;

/// Models that can run.
const RIGHT: &[(&str, &str)] = &[
    ("plain", "SELECT id FROM t.s1"),
    ("typed null", "SELECT CAST(NULL AS VARCHAR) AS n"),
    ("null in a union", "SELECT NULL AS n UNION ALL SELECT 1"),
    ("try cast", "SELECT TRY_CAST('abc' AS INT) AS x"),
    (
        "guarded division",
        "SELECT 1 / NULLIF(id - id, 0) AS x FROM t.s1",
    ),
    (
        "guarded constant",
        "SELECT CASE WHEN id < 0 THEN 1 / 0 ELSE id END AS x FROM t.s1",
    ),
    (
        "exists",
        "SELECT id FROM t.s1 WHERE EXISTS (SELECT 1 FROM t.s2 WHERE s2.outer_id = s1.id)",
    ),
    (
        "in",
        "SELECT id FROM t.s1 WHERE id IN (SELECT outer_id FROM t.s2)",
    ),
    (
        "correlated by =",
        "SELECT id, (SELECT max(s2.id) FROM t.s2 WHERE s2.outer_id = s1.id) AS m FROM t.s1",
    ),
    ("using", "SELECT * FROM t.ja JOIN t.jb USING (k)"),
    (
        "window",
        "SELECT id, row_number() OVER (ORDER BY id DESC) AS n FROM t.s1",
    ),
    ("unnest", "SELECT unnest(make_array(1, 2)) AS x"),
    (
        "list and struct",
        "SELECT make_array(id) AS l, named_struct('a', id) AS s FROM t.s1",
    ),
    (
        "regex",
        "SELECT id FROM t.s1 WHERE CAST(id AS VARCHAR) ~ '^[12]$'",
    ),
    (
        "zone",
        "SELECT TIMESTAMP '2024-01-01 00:00:00' AT TIME ZONE 'Asia/Tokyo' AS x",
    ),
    ("part", "SELECT date_trunc('day', DATE '2024-01-01') AS x"),
    (
        "recursive",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r",
    ),
    (
        "view",
        "-- @kind view\nSELECT NULL AS n, INTERVAL '1 day' AS i",
    ),
    ("no rows", "SELECT id FROM t.s1 WHERE false"),
    ("seed", "SELECT * FROM seeds.x"),
];

/// Models that cannot run, and a word of what is said about each.
const WRONG: &[(&str, &str, &str)] = &[
    ("cast", "SELECT CAST('abc' AS INT) AS x", "'abc'"),
    (
        "cast in where",
        "SELECT id FROM t.s1 WHERE id > CAST('abc' AS INT)",
        "'abc'",
    ),
    ("date", "SELECT DATE '2024-02-30' AS d", "2024-02-30"),
    (
        "cast of a condition",
        "SELECT id FROM t.s1 WHERE DATE '2024-13-01' < DATE '2025-01-01'",
        "2024-13-01",
    ),
    ("boolean", "SELECT CAST('maybe' AS BOOLEAN) AS b", "'maybe'"),
    ("small", "SELECT CAST(300 AS TINYINT) AS b", "TINYINT"),
    ("division", "SELECT 1 / 0 AS x", "divides by zero"),
    (
        "remainder",
        "SELECT id, 5 % 0 AS x FROM t.s1",
        "divides by zero",
    ),
    (
        "zone over rows",
        "SELECT make_date(2024, 1, id) AT TIME ZONE 'Mars' AS x FROM t.s1",
        "'Mars'",
    ),
    (
        "format over rows",
        "SELECT strftime(make_date(2024, 1, id), '%Q') AS x FROM t.s1",
        "'%Q'",
    ),
    (
        "format of texts",
        "SELECT strptime(CAST(id AS VARCHAR), '%K') AS x FROM t.s1",
        "'%K'",
    ),
    (
        "part zero",
        "SELECT split_part(CAST(id AS VARCHAR), ',', 0) AS x FROM t.s1",
        "position",
    ),
    (
        "share",
        "SELECT percentile_cont(1.5) WITHIN GROUP (ORDER BY id) AS x FROM t.s1",
        "a constant from 0 to 1",
    ),
    (
        "near share",
        "SELECT approx_percentile_cont(id, 2.0) AS x FROM t.s1",
        "a constant from 0 to 1",
    ),
    (
        "flag",
        "SELECT regexp_matches(CAST(id AS VARCHAR), '^k', 'y') AS x FROM t.s1",
        "not 'y'",
    ),
    (
        "path",
        "SELECT json_extract(CAST(id AS VARCHAR), '$.a[') AS x FROM t.s1",
        "the path '$.a['",
    ),
    (
        "method",
        "SELECT digest(CAST(id AS VARCHAR), 'what') AS x FROM t.s1",
        "no method 'what'",
    ),
    (
        "form",
        "SELECT normalize(CAST(id AS VARCHAR), NFX) AS x FROM t.s1",
        "no form 'NFX'",
    ),
    (
        "part of a difference",
        "SELECT date_diff('weak', make_date(2024, 1, id), $as_of) AS x FROM t.s1",
        "'weak'",
    ),
    (
        "separator",
        "SELECT string_agg(CAST(id AS VARCHAR), CAST(id AS VARCHAR)) AS x FROM t.s1",
        "the separator of string_agg is a constant",
    ),
    (
        "distance",
        "SELECT lag(id, id) OVER (ORDER BY id) AS x FROM t.s1",
        "takes a constant",
    ),
    (
        "rows",
        "SELECT id AS x FROM t.s1 ORDER BY id LIMIT (SELECT 3)",
        "LIMIT and OFFSET take constants",
    ),
    (
        "negative length",
        "SELECT substr(CAST(id AS VARCHAR), 1, -1) AS x FROM t.s1",
        "negative",
    ),
    (
        "no stride",
        "SELECT date_bin(INTERVAL '0 day', make_date(2024, 1, id)) AS x FROM t.s1",
        "date_bin",
    ),
    (
        "field by a point",
        "SELECT {'a': {'b': id}}.a.b AS x FROM t.s1",
        "x['a']['b']",
    ),
    (
        "digits",
        "SELECT CAST(id AS DECIMAL(38, 20)) * CAST(id AS DECIMAL(38, 20)) AS x FROM t.s1",
        "more digits after the point",
    ),
    ("pattern", "SELECT 'a' ~ '(' AS x", "regular expression"),
    (
        "pattern over rows",
        "SELECT id FROM t.s1 WHERE CAST(id AS VARCHAR) ~ '('",
        "regular expression",
    ),
    (
        "replaced pattern",
        "SELECT regexp_replace(CAST(id AS VARCHAR), '(', 'x') AS x FROM t.s1",
        "regular expression",
    ),
    (
        "part",
        "SELECT date_trunc('dya', DATE '2024-01-01') AS x",
        "'dya'",
    ),
    (
        "part over rows",
        "SELECT date_trunc('dya', CAST(id AS TIMESTAMP)) AS x FROM t.s1",
        "dya",
    ),
    (
        "extracted part",
        "SELECT date_part('dya', CAST(id AS TIMESTAMP)) AS x FROM t.s1",
        "dya",
    ),
    (
        "zone",
        "SELECT TIMESTAMP '2024-01-01 00:00:00' AT TIME ZONE 'Asia/Tokio' AS x",
        "Asia/Tokio",
    ),
    (
        "escape",
        "SELECT 'a_b' LIKE lower('a!_b') ESCAPE '!' AS x",
        "escape",
    ),
    ("null", "SELECT NULL AS n", "always null"),
    (
        "null in a CTE",
        "WITH q AS (SELECT NULL AS n) SELECT id, n FROM q, t.s1",
        "always null",
    ),
    ("interval", "SELECT INTERVAL '1 day' AS i", "INTERVAL"),
    (
        "difference",
        "SELECT TIMESTAMP '2024-01-02' - TIMESTAMP '2024-01-01' AS d",
        "cannot hold",
    ),
    (
        "wide decimal",
        "SELECT CAST('1' AS DECIMAL(50, 2)) AS a",
        "DECIMAL(50, 2)",
    ),
    (
        "list of null",
        "SELECT make_array(NULL) AS a",
        "cannot hold",
    ),
    (
        "twice by join",
        "SELECT * FROM t.ja JOIN t.jb ON ja.k = jb.k",
        "`k` twice",
    ),
    ("twice by case", "SELECT 1 AS \"Id\", 2 AS id", "`id` twice"),
    (
        "subquery in values",
        "SELECT * FROM (VALUES ((SELECT max(id) FROM t.s1))) AS v(k)",
        "VALUES",
    ),
    ("unknown column", "SELECT idd FROM t.s1", "`idd`"),
    (
        "unknown in a subquery",
        "SELECT id FROM t.s1 WHERE id IN (SELECT nope FROM t.s2)",
        "`nope`",
    ),
    ("unknown function", "SELECT nofunc(1) AS x", "nofunc"),
    ("unknown table", "SELECT * FROM t.s9", "`t.s9`"),
    (
        "ungrouped",
        "SELECT id, count(*) AS n FROM t.s1",
        "GROUP BY",
    ),
    (
        "width of a union",
        "SELECT 1 AS a UNION ALL SELECT 1, 2",
        "columns",
    ),
    (
        "sum of text",
        "SELECT sum(CAST(id AS VARCHAR)) AS s FROM t.s1",
        "sum",
    ),
    ("check", "CHECK SELECT CAST('x' AS DATE) AS d", "'x'"),
];

/// Models of which only the two verbs must agree: whether they can run is a matter of the engine.
const EITHER: &[&str] = &[
    "SELECT s1.id, (SELECT max(s2.id) FROM t.s2 WHERE s2.outer_id <= s1.id) AS m FROM t.s1",
    "SELECT id, EXISTS (SELECT 1 FROM t.s2 WHERE s2.outer_id = s1.id) AS r FROM t.s1",
    "SELECT id, CASE WHEN id IN (SELECT outer_id FROM t.s2) THEN 1 ELSE 0 END AS r FROM t.s1",
    "SELECT s1.id, l.id AS x FROM t.s1 CROSS JOIN LATERAL (SELECT s2.id FROM t.s2 WHERE s2.outer_id = s1.id ORDER BY s2.id DESC LIMIT 1) AS l",
    "SELECT s1.id FROM t.s1 WHERE EXISTS (SELECT 1 FROM t.s2 WHERE s2.outer_id = s1.id AND EXISTS (SELECT 1 FROM t.s1 z WHERE z.id = s2.outer_id AND z.id = s1.id))",
    "SELECT id, x FROM (SELECT id, make_array(id, id) AS l FROM t.s1) q CROSS JOIN unnest(q.l) AS u(x)",
    "SELECT id FROM t.s1 WHERE id NOT IN (SELECT outer_id FROM t.s2 WHERE s2.id > s1.id)",
    "SELECT id FROM t.s1 WHERE id >= ALL (SELECT outer_id FROM t.s2)",
    "SELECT id FROM t.s1 ORDER BY (SELECT max(id) FROM t.s2)",
    "SELECT id, (SELECT id FROM t.s2 WHERE s2.outer_id = s1.id LIMIT 1) AS x FROM t.s1",
    "SELECT count(*) FILTER (WHERE id IN (SELECT outer_id FROM t.s2)) AS n FROM t.s1",
    "SELECT coalesce(id, '') AS x FROM t.s1",
    "SELECT id FROM t.s1 GROUP BY ROLLUP (id)",
    "SELECT sum(id) OVER (ORDER BY id RANGE BETWEEN INTERVAL '1 day' PRECEDING AND CURRENT ROW) AS s FROM t.s1",
    "SELECT DATE '9999-12-31' < CAST(DATE '2024-01-01' AS TIMESTAMP) AS x",
    "SELECT * FROM generate_series(1, 3) AS g(x)",
    "SELECT id FROM t.s1 FULL JOIN (SELECT outer_id FROM t.s2) q ON id < outer_id",
    "SELECT id FROM t.s1 LIMIT (SELECT 1)",
    "SELECT id FROM t.s1 WHERE DATE '2024-01-01' = id",
];

/// Words of the engine that no finding may have.
const ENGINE: [&str; 14] = [
    "DataFusion",
    "Arrow",
    "bug report",
    "Physical plan",
    "Optimizer rule",
    "Error during planning",
    "Execution error",
    "Internal error",
    "Schema error",
    "Utf8",
    "Int64",
    "Float64",
    "__correlated",
    "Column {",
];

fn project(name: &str, sql: &str) -> Project {
    let project = Project::empty(name);
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"made\"\nas_of = \"2026-03-31\"\n",
    );
    for (table, rows) in [
        ("s1", "(1),(2),(3)) AS v(id)"),
        ("s2", "(10,1),(20,1),(30,2)) AS v(id,outer_id)"),
        ("ja", "(1,10),(2,20)) AS v(k,x)"),
        ("jb", "(2,200),(3,300)) AS v(k,y)"),
    ] {
        let sql = format!("SELECT * FROM (VALUES {rows}");
        project.write(&format!("models/t/{table}.sql"), &sql);
    }
    project.write("seeds/x.csv", "a,b\n1,\"\"\n2,x\n");
    match sql.strip_prefix("CHECK ") {
        Some(sql) => project.write("checks/x.sql", sql),
        None => project.write("models/b/x.sql", sql),
    }
    project
}

/// How both verbs end, and what the check prints.
fn verdicts(name: &str, sql: &str) -> (Option<i32>, Option<i32>, String) {
    let project = project("checked", sql);
    let check = project.tsugi("check", &[]);
    let run = project.tsugi("run", &[]);
    for text in [&check.stderr, &run.stderr] {
        let found = ENGINE.iter().find(|word| text.contains(**word));
        assert!(found.is_none(), "{name}: {found:?} in\n{text}");
    }
    (check.code, run.code, check.stderr)
}

#[test]
fn what_check_passes_run_does_not_refuse() {
    let mut wrong = Vec::new();
    for (name, sql) in RIGHT {
        let (check, run, text) = verdicts(name, sql);
        if (check, run) != (Some(0), Some(0)) {
            wrong.push(format!("{name}: check {check:?}, run {run:?}\n{text}"));
        }
    }
    for sql in EITHER {
        let (check, run, text) = verdicts(sql, sql);
        if (check == Some(0)) != (run == Some(0)) {
            wrong.push(format!("{sql}: check {check:?}, run {run:?}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_run_would_refuse_check_finds_at_its_place() {
    let mut wrong = Vec::new();
    for (name, sql, word) in WRONG {
        let (check, run, text) = verdicts(name, sql);
        let file = match sql.starts_with("CHECK ") {
            true => "--> checks/x.sql:1:",
            false => "--> models/b/x.sql:1:",
        };
        let is_refused = check == Some(2) && run != Some(0);
        if !is_refused || !text.contains(word) || !text.contains(file) {
            wrong.push(format!("{name}: check {check:?}, run {run:?}\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_findings_of_all_files_come_in_one_go() {
    let project = project(
        "findings",
        "WITH q AS (SELECT s1.idd AS k FROM t.s1)\n\
         SELECT q.k, CAST('abc' AS INT) AS bad, 1 / 0 AS zero,\n  nofunc(3) AS f, NULL AS empty\n\
         FROM q\nWHERE q.k IN (SELECT z.nope FROM t.s2 AS z)",
    );
    project.write("models/b/y.sql", "SELECT CAST('def' AS INT) AS x");
    project.write(
        "checks/c.sql",
        "SELECT * FROM t.s1 WHERE id > CAST('ghi' AS INT)",
    );
    project.write("checks/d.sql", "SELECT FROM");
    let text = project.tsugi("check", &[]).ended(2).stderr;
    for place in [
        "models/b/x.sql:1:19",
        "models/b/x.sql:2:18",
        "models/b/x.sql:2:40",
        "models/b/x.sql:3:3",
        "models/b/x.sql:5:22",
        "models/b/y.sql:1:13",
        "checks/c.sql:1:36",
        "checks/d.sql:1:",
    ] {
        assert!(
            text.contains(&format!("--> {place}")),
            "{place} is not in\n{text}"
        );
    }
    assert_eq!(text.matches("error: ").count(), 8, "{text}");
}

#[test]
fn one_error_is_one_finding() {
    for (sql, place) in [
        ("SELECT date_trunc('dya', DATE '2024-01-01') AS x", "1:8"),
        ("SELECT id, idd FROM t.s1 ORDER BY id", "1:12"),
        (
            "SELECT q.a + 1 AS b FROM (SELECT idd AS a FROM t.s1) q",
            "1:34",
        ),
        (
            "SELECT sum(idd) AS b, count(*) AS n FROM t.s1 GROUP BY id",
            "1:12",
        ),
    ] {
        let text = project("one", sql).tsugi("check", &[]).ended(2).stderr;
        assert_eq!(text.matches("error: ").count(), 1, "{sql}\n{text}");
        assert!(
            text.contains(&format!("--> models/b/x.sql:{place}\n")),
            "{sql}\n{text}"
        );
    }
    // Nor does the only file that is wrong make the project look empty.
    let project = project("alone", "SELECT 1 AS a");
    for table in ["s1", "s2", "ja", "jb"] {
        std::fs::remove_file(project.path(&format!("models/t/{table}.sql"))).unwrap();
    }
    project.write("models/b/x.sql", "-- @kind tabel\nSELECT 1 AS a");
    let text = project.tsugi("check", &[]).ended(2).stderr;
    assert!(
        text.contains("`@kind`") && !text.contains("does not exist"),
        "{text}"
    );
    project.write(
        "models/b/x.sql",
        "SELECT 1 AS a -- @deprecated use b\n, 2 AS b",
    );
    project.tsugi("check", &[]).ended(0);
}
