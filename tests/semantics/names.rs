//! Columns that the engine would take for one because it leaves casts out of their names.

use super::{answers, project, refuses};

#[test]
fn an_aggregate_stands_beside_itself_over_a_cast() {
    let rows = "SELECT * FROM (VALUES ('a', 1, '1'), ('a', 2, '2'), ('b', 3, '10')) AS v(g, x, s)";
    let project = project("names", &[("t/v", rows)]);
    answers(
        &project,
        &[
            (
                "SELECT sum(x) AS a, sum(CAST(x AS DOUBLE)) AS b, sum(CAST(x AS DECIMAL(9, 2))) AS c FROM t.v",
                &["6,6.0,6.00"],
            ),
            (
                "SELECT g, max(s) AS a, max(CAST(s AS INT)) AS b FROM t.v GROUP BY g ORDER BY max(CAST(s AS INT)) DESC",
                &["b,10,10", "a,2,2"],
            ),
            (
                "SELECT g FROM t.v GROUP BY g HAVING max(s) < '2' AND max(CAST(s AS INT)) > 9",
                &["b"],
            ),
            (
                "SELECT count(*) FILTER (WHERE s = '1') AS a, count(*) FILTER (WHERE CAST(s AS DOUBLE) = 1) AS b FROM t.v",
                &["1,1"],
            ),
            (
                "SELECT sum(x * 2) AS a, sum(CAST(x AS DOUBLE) * 2) AS b, count(DISTINCT s) AS c, \
                 count(DISTINCT CAST(s AS INT)) AS d FROM t.v",
                &["12,12.0,3,3"],
            ),
            (
                "SELECT x, max(s) OVER (ORDER BY x) AS a, max(CAST(s AS INT)) OVER (ORDER BY x) AS b FROM t.v ORDER BY x",
                &["1,1,1", "2,2,2", "3,2,10"],
            ),
            (
                "SELECT g, sum(x) + sum(CAST(x AS DOUBLE)) AS a, rank() OVER (ORDER BY sum(CAST(x AS DOUBLE)), g) AS r \
                 FROM t.v GROUP BY g ORDER BY g",
                &["a,6.0,1", "b,6.0,2"],
            ),
        ],
    );
}

#[test]
fn two_columns_of_one_name_are_said_with_the_second() {
    let project = project("twice", &[("t/v", "SELECT 1 AS x, 2 AS y")]);
    refuses(
        &project,
        &[
            ("SELECT x, x FROM t.v", "two columns are called `x`"),
            (
                "SELECT x AS a, y AS a FROM t.v",
                "two columns are called `a`",
            ),
            (
                "SELECT x + 1, x + 1 FROM t.v",
                "two columns are called `x + 1`",
            ),
            ("SELECT v.x, x FROM t.v AS v", "two columns are called `x`"),
            (
                "WITH s AS (SELECT x AS a, y AS a FROM t.v) SELECT 1 AS n FROM s",
                "two columns are called `a`",
            ),
        ],
    );
    project.write("models/t/bad.sql", "SELECT x AS a,\n  y AS a FROM t.v");
    let said = project.tsugi("check", &[]).ended(2).stderr;
    assert!(said.contains("models/t/bad.sql:2:3"), "{said}");
    assert!(said.contains("write AS and another name"), "{said}");
    project.write("models/t/bad.sql", "SELECT x, y + 1 FROM t.v");
    project.tsugi("run", &[]).ended(0);
    let outcome = project.tsugi("query", &["SELECT * FROM t.bad", "--format", "csv"]);
    assert_eq!(outcome.ended(0).stdout, "x,y + 1\n1,3\n");
}
