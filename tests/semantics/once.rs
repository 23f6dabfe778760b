//! Arguments are evaluated once, and where they are not needed not at all.

use super::{answers, project};

#[test]
fn coalesce_and_between_evaluate_their_operand_once() {
    let many = "SELECT unnest(generate_series(1, 100000)) AS b";
    let project = project("once", &[("f/big", many)]);
    let maybe = "CASE WHEN random() < 0.5 THEN NULL ELSE b END";
    answers(
        &project,
        &[
            (
                &format!(
                    "SELECT count(*) - count(c) AS n FROM (SELECT coalesce({maybe}, CAST(b AS BIGINT)) AS c FROM f.big)"
                ),
                &["0"],
            ),
            (
                &format!(
                    "SELECT count(*) - count(c) AS n FROM (SELECT nvl({maybe}, abs(b)) AS c FROM f.big)"
                ),
                &["0"],
            ),
            (
                "SELECT abs(avg(CASE WHEN hit THEN 1.0 ELSE 0.0 END) - 0.5) < 0.02 AS due \
                 FROM (SELECT random() BETWEEN 0.25 AND 0.75 AS hit FROM f.big)",
                &["true"],
            ),
        ],
    );
}

#[test]
fn later_arguments_of_coalesce_are_evaluated_where_they_are_needed() {
    let rows = "SELECT * FROM (VALUES (1, NULL, 4), (2, 7, 0), (3, NULL, 2)) AS v(id, x, y)";
    let project = project("lazy", &[("t/v", rows)]);
    answers(
        &project,
        &[
            (
                "SELECT coalesce(x, 8 / y) AS c FROM t.v ORDER BY id",
                &["2", "7", "4"],
            ),
            (
                "SELECT coalesce(x, nullif(y, 4), 8 / (id - 2)) AS c FROM t.v ORDER BY id",
                &["-8", "7", "2"],
            ),
            ("SELECT sum(coalesce(x, 8 / y)) AS c FROM t.v", &["13"]),
            (
                "SELECT id FROM t.v WHERE coalesce(x, 8 / y) > 3 ORDER BY id",
                &["2", "3"],
            ),
            ("SELECT coalesce(1, 1 / 0) AS c", &["1"]),
            (
                "SELECT coalesce(NULL, NULL) IS NULL AS c, coalesce(NULL, 'a') AS d",
                &["true,a"],
            ),
            (
                "SELECT coalesce(x, (SELECT max(y) FROM t.v) * 2) AS c FROM t.v ORDER BY id",
                &["8", "7", "8"],
            ),
            (
                "SELECT coalesce(x, y * 2) AS c, count(*) AS n FROM t.v GROUP BY coalesce(x, y * 2) ORDER BY 1",
                &["4,1", "7,1", "8,1"],
            ),
            (
                "SELECT a.id, coalesce(b.x, a.y + 1) AS c FROM t.v AS a LEFT JOIN t.v AS b ON b.id = a.id + 1 ORDER BY 1",
                &["1,7", "2,1", "3,3"],
            ),
            (
                "SELECT coalesce(max(x) FILTER (WHERE id > 5), sum(y) + 1) AS c FROM t.v",
                &["7"],
            ),
            (
                "SELECT coalesce(lag(x) OVER (ORDER BY id), y + 10) AS c FROM t.v ORDER BY id",
                &["14", "10", "7"],
            ),
        ],
    );
}

#[test]
fn nesting_does_not_double() {
    let project = project("nested", &[("t/one", "SELECT 1 AS id")]);
    let nested = |open: &str, close: &str| format!("{}id{}", open.repeat(20), close.repeat(20));
    for expression in [
        nested("coalesce(", ", 1)"),
        nested("coalesce(abs(", "), 1 + id)"),
        nested("coalesce(nullif(id, 2), ", ")"),
        nested("nvl(-", ", 1)"),
        nested("CAST((", " BETWEEN 0 AND id) AS INT)"),
    ] {
        let started = std::time::Instant::now();
        let sql = format!("SELECT {expression} AS x FROM t.one");
        assert_eq!(super::rows(&project, &sql), ["1"], "{sql}");
        // Doubling would take weeks, and all memory.
        assert!(started.elapsed().as_secs() < 60, "{sql}");
    }
}
