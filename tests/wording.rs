//! Wrong statements in every verb that takes SQL: what is said about them is in our words, and never
//! in those of the engine.

use crate::sample_copy::Project;

/// Statements that can never be executed.
const WRONG: &[&str] = &[
    "SELEC 1",
    "SELECT",
    "SELECT FROM t.n",
    "SELECT 1 +",
    "SELECT (1",
    "SELECT 1 AS a AS b",
    "SELECT 'open",
    "SELECT \"open",
    "SELECT * FROM t.n WHERE",
    "SELECT * FROM t.n JOIN t.w",
    "SELECT * FROM t.n JOIN t.w USING (nothing)",
    "SELECT * FROM t.n GROUP BY 7",
    "SELECT * FROM t.n ORDER BY 7",
    "SELECT * FROM t.n ORDER BY nothing",
    "SELECT * FROM t.n LIMIT 'x'",
    "SELECT * FROM t.n LIMIT -1",
    "SELECT nothing FROM t.n",
    "SELECT n.nothing FROM t.n",
    "SELECT z.id FROM t.n",
    "SELECT id FROM t.n, t.w",
    "SELECT * FROM t.nothing",
    "SELECT * FROM nothing",
    "SELECT * FROM a.b.c.d",
    "SELECT nothing(1) AS x",
    "SELECT abs('a') AS x",
    "SELECT abs() AS x",
    "SELECT abs(1, 2) AS x",
    "SELECT substr(1) AS x",
    "SELECT substr() AS x",
    "SELECT sum('a') AS x",
    "SELECT sum(word) AS x FROM t.w",
    "SELECT avg(day) AS x FROM t.w",
    "SELECT max(id, id) AS x FROM t.n",
    "SELECT sum(sum(id)) AS x FROM t.n",
    "SELECT id FROM t.n WHERE sum(id) > 1",
    "SELECT id FROM t.n WHERE row_number() OVER () = 1",
    "SELECT id FROM t.n HAVING id > 1",
    "SELECT id, count(*) AS c FROM t.n",
    "SELECT row_number() AS x FROM t.n",
    "SELECT lag() OVER (ORDER BY id) AS x FROM t.n",
    "SELECT ntile('a') OVER (ORDER BY id) AS x FROM t.n",
    "SELECT id FROM t.n WHERE id",
    "SELECT id FROM t.n WHERE word",
    "SELECT id FROM t.n WHERE NOT day FROM t.w",
    "SELECT word + 1 AS x FROM t.w",
    "SELECT word + day AS x FROM t.w",
    "SELECT day + day AS x FROM t.w",
    "SELECT -word AS x FROM t.w",
    "SELECT NOT id AS x FROM t.n",
    "SELECT id LIKE 'a' AS x FROM t.n",
    "SELECT coalesce(id, day) AS x FROM t.n, (SELECT day FROM t.w) AS w",
    "SELECT id FROM t.n UNION SELECT id, id FROM t.n",
    "SELECT id IN (SELECT word, day FROM t.w) AS x FROM t.n",
    "SELECT (SELECT word, day FROM t.w) AS x",
    "SELECT id FROM t.n WHERE id IN ('a', DATE '2024-01-01')",
    "SELECT id BETWEEN 'a' AND DATE '2024-01-01' AS x FROM t.n",
    "SELECT CAST(id AS NOTHING) AS x FROM t.n",
    "SELECT CAST(day AS BOOLEAN) AS x FROM t.w",
    "SELECT CAST(make_array(1) AS INT) AS x",
    "SELECT CAST('x' AS INT) AS x",
    "SELECT CAST('1' AS DECIMAL(90, 2)) AS x",
    "SELECT DATE '2024-02-30' AS x",
    "SELECT INTERVAL 'often' AS x",
    "SELECT TIMESTAMP 'soon' AS x",
    "SELECT TIMESTAMP '2024-01-01 00:00:00' AT TIME ZONE 'Mars' AS x",
    "SELECT date_trunc('dya', day) AS x FROM t.w",
    "SELECT date_part('dya', day) AS x FROM t.w",
    "SELECT extract(dya FROM day) AS x FROM t.w",
    "SELECT word ~ '(' AS x FROM t.w",
    "SELECT regexp_replace(word, '[', '') AS x FROM t.w",
    "SELECT 1 / 0 AS x",
    "SELECT 9223372036854775807 + 1 AS x",
    "SELECT to_date(1.5, 2) AS x",
    "SELECT strftime(day) AS x FROM t.w",
    "SELECT strptime('x', '%Y') AS x",
    "SELECT make_array(1, 'a', DATE '2024-01-01') AS x",
    "SELECT make_array(1)['a'] AS x",
    "SELECT named_struct('a') AS x",
    "SELECT unnest(id) AS x FROM t.n",
    "SELECT * FROM unnest(1)",
    "SELECT * FROM generate_series('a', 'b')",
    "SELECT * FROM generate_series()",
    "SELECT * FROM (VALUES (1, 2), (3)) AS v(a, b)",
    "SELECT * FROM (VALUES (1, 2)) AS v(a, b, c)",
    "SELECT * FROM (VALUES (1), ('a'), (DATE '2024-01-01')) AS v(a)",
    "WITH q AS (SELECT 1) SELECT * FROM p",
    "WITH q(a, b) AS (SELECT 1) SELECT * FROM q",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n, n FROM r) SELECT * FROM r",
    "SELECT s.id FROM t.n AS s WHERE EXISTS (SELECT 1 FROM t.w WHERE nothing = s.id)",
    "SELECT id FROM t.n QUALIFY id = 1",
    "SELECT sum(id) OVER (ORDER BY id RANGE BETWEEN INTERVAL '1 day' PRECEDING AND CURRENT ROW) AS x FROM t.n",
    "SELECT sum(id) OVER (ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) AS x FROM t.n",
    "SELECT sum(id) OVER nothing AS x FROM t.n",
    "SELECT count(DISTINCT) AS x FROM t.n",
    "SELECT array_agg(id ORDER BY nothing) AS x FROM t.n",
    "SELECT percentile_cont('a') WITHIN GROUP (ORDER BY id) AS x FROM t.n",
    "SELECT id FROM t.n FOR UPDATE",
    "INSERT INTO t.n VALUES (1)",
    "DROP TABLE t.n",
    "CREATE TABLE x AS SELECT 1",
    "SET x = 1",
    "SELECT $nothing AS x",
    "SELECT ? AS x",
    "SELECT id FROM t.n; SELECT 2",
    "DESCRIBE t.nothing",
    "SUMMARIZE SELECT nothing FROM t.n",
    "EXPLAIN SELECT nothing(1)",
    "SHOW nothing",
];

/// Statements that only some rows stop.
const STOPPED: &[&str] = &[
    "SELECT CAST(word AS INT) AS x FROM t.w",
    "SELECT CAST(word AS DATE) AS x FROM t.w",
    "SELECT CAST(word AS TIMESTAMP) AS x FROM t.w",
    "SELECT CAST(word AS DECIMAL(5, 2)) AS x FROM t.w",
    "SELECT CAST(word AS DOUBLE) AS x FROM t.w",
    "SELECT CAST(word AS BOOLEAN) AS x FROM t.w",
    "SELECT CAST(id * 1000 AS TINYINT) AS x FROM t.n",
    "SELECT CAST(id * 1000 AS DECIMAL(3, 1)) AS x FROM t.n",
    "SELECT 1 / (id - 1) AS x FROM t.n",
    "SELECT 1.5 / (id - 1) AS x FROM t.n",
    "SELECT id % (id - 1) AS x FROM t.n",
    "SELECT id * 9223372036854775807 AS x FROM t.n",
    "SELECT sum(id * 9000000000000000000) AS x FROM t.n WHERE id = 1 OR id = 1 UNION ALL SELECT sum(b) FROM (SELECT 9223372036854775807 AS b FROM t.n) AS q",
    "SELECT (SELECT id FROM t.n) AS x",
    "SELECT word ~ '(' || word AS x FROM t.w",
    "SELECT regexp_like('x', word || '(') AS x FROM t.w",
    "SELECT date_trunc(word, day) AS x FROM t.w",
    "SELECT to_timestamp(word) AS x FROM t.w",
    "SELECT strptime(word, '%Y') AS x FROM t.w",
    "SELECT TIMESTAMP '2024-01-01 00:00:00' AT TIME ZONE word AS x FROM t.w",
    "SELECT repeat(word, 9223372036854775807) AS x FROM t.w",
    "SELECT chr(id - 5) AS x FROM t.n",
    "SELECT make_date(2024, 13, CAST(id AS INT)) AS x FROM t.n",
    "SELECT factorial(id * 100) AS x FROM t.n",
    "SELECT day + INTERVAL '999999 years' AS x FROM t.w",
    "SELECT json_extract(word, '$[' || word) AS x FROM t.w",
    "SELECT decode(word, 'hex') AS x FROM t.w",
];

/// What only the makers of an engine, or the readers of its code, understand.
const THEIRS: &[&str] = &[
    "DataFusion",
    "datafusion",
    "Arrow error",
    "arrow",
    "bug report",
    "Physical plan",
    "Optimizer rule",
    "Error during planning",
    "Execution error",
    "Internal error",
    "Schema error",
    "Cast error",
    "Parser error",
    "ParserError",
    "TokenizerError",
    "sql parser",
    "not implemented",
    "type_coercion",
    "coercion",
    "coerce",
    "Utf8",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Float64",
    "Date32",
    "Decimal128",
    "Decimal256",
    "MonthDayNano",
    "Timestamp(",
    "Boolean",
    "__correlated",
    "checked_",
    "Column {",
    "Expr",
    "Projection:",
    "TableScan",
    "Some(",
    "None",
    "EOF",
    "UserDefined",
    "Numeric(",
    "Candidate",
    "signature",
    "LogicalPlan",
    "UDF",
    "UDAF",
    "panicked",
    "backtrace",
    "1 fields",
];

/// The lines of a report that are not a copy of the statement.
fn said(report: &str) -> String {
    let copied = |line: &&str| {
        !line
            .trim_start()
            .starts_with(|c: char| c.is_ascii_digit() || c == '|')
    };
    report.lines().filter(copied).collect::<Vec<_>>().join("\n")
}

/// Notes the words of the engine in a report, and a report without anything to go by.
fn judge(verb: &str, sql: &str, report: &str, wrong: &mut Vec<String>) {
    let report = said(report);
    let found: Vec<_> = THEIRS
        .iter()
        .filter(|word| report.contains(**word) && !sql.contains(**word))
        .collect();
    if !found.is_empty() || !report.contains("error: ") {
        wrong.push(format!("{verb} {found:?}: {sql}\n{report}\n"));
    }
}

fn project(name: &str) -> Project {
    let project = Project::empty(name);
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"words\"\nas_of = \"2026-03-31\"\n",
    );
    project.write(
        "models/t/n.sql",
        "SELECT * FROM (VALUES (1), (2), (3)) AS v(id)",
    );
    project.write(
        "models/t/w.sql",
        "SELECT * FROM (VALUES (1, 'one', DATE '2024-01-01'), (2, 'two', DATE '2024-01-02')) AS v(id, word, day)",
    );
    project
}

#[test]
fn what_is_wrong_is_said_in_our_words() {
    let project = project("wording");
    project.tsugi("run", &[]).ended(0);
    let mut wrong = Vec::new();
    for sql in WRONG.iter().chain(STOPPED) {
        let outcome = project.tsugi("query", &[sql, "--format", "csv"]);
        if outcome.code == Some(0) {
            wrong.push(format!("query: no error: {sql}\n{}", outcome.stdout));
        } else {
            judge("query", sql, &outcome.stderr, &mut wrong);
        }
    }
    for (number, sql) in WRONG.iter().enumerate() {
        project.write(&format!("models/a/m{number}.sql"), sql);
    }
    // A run stops at what no model of its kind can mean, before it plans the rest to the end.
    let run = project.tsugi("run", &[]).ended(2);
    judge("run", "", &run.stderr, &mut wrong);
    let check = project.tsugi("check", &[]).ended(2);
    judge("check", "", &check.stderr, &mut wrong);
    for (number, sql) in WRONG.iter().enumerate() {
        let place = format!("--> models/a/m{number}.sql:1");
        if !check.stderr.contains(&place) {
            wrong.push(format!("check: nothing at {place} {sql}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_rows_stop_is_said_in_our_words_and_at_its_place() {
    let project = project("wording-rows");
    for (number, sql) in STOPPED.iter().enumerate() {
        project.write(&format!("models/a/m{number}.sql"), sql);
    }
    project.tsugi("check", &[]).ended(0);
    let outcome = project.tsugi("run", &[]).ended(1);
    let mut wrong = Vec::new();
    judge("run", "", &outcome.stderr, &mut wrong);
    for (number, sql) in STOPPED.iter().enumerate() {
        if !outcome.stderr.contains(&format!("`a.m{number}` failed: ")) {
            wrong.push(format!("nothing of m{number} {sql}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), outcome.stderr);
}
