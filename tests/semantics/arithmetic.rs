//! Integer arithmetic and sums fail where they do not fit; they never wrap around.

use super::{answers, project, refuses};

const BIG: &str = "SELECT CAST(9223372036854775807 AS BIGINT) AS b, \
    CAST(-9223372036854775808 AS BIGINT) AS least, CAST(2147483647 AS INT) AS i, \
    CAST(32767 AS SMALLINT) AS s, CAST(127 AS TINYINT) AS t, \
    CAST(255 AS TINYINT UNSIGNED) AS u, CAST(0 AS BIGINT) AS zero, CAST(NULL AS BIGINT) AS none";

#[test]
fn integers_that_do_not_fit_are_errors() {
    let project = project("overflow", &[("t/big", BIG)]);
    refuses(
        &project,
        &[
            (
                "SELECT b + 1 AS x FROM t.big",
                "`b + 1` does not fit BIGINT: 9223372036854775807 + 1",
            ),
            (
                "SELECT i + CAST(1 AS INT) AS x FROM t.big",
                "does not fit INT",
            ),
            (
                "SELECT s + CAST(2 AS SMALLINT) AS x FROM t.big",
                "does not fit SMALLINT: 32767 + 2",
            ),
            (
                "SELECT t + CAST(1 AS TINYINT) AS x FROM t.big",
                "does not fit TINYINT",
            ),
            (
                "SELECT u + CAST(1 AS TINYINT UNSIGNED) AS x FROM t.big",
                "TINYINT UNSIGNED",
            ),
            (
                "SELECT b * 2 AS x FROM t.big",
                "does not fit BIGINT: 9223372036854775807 * 2",
            ),
            ("SELECT least - 1 AS x FROM t.big", "does not fit BIGINT"),
            (
                "SELECT -least AS x FROM t.big",
                "`-least` does not fit BIGINT",
            ),
            ("SELECT least / -1 AS x FROM t.big", "does not fit BIGINT"),
            ("SELECT 9223372036854775807 + 1 AS x", "does not fit BIGINT"),
            ("SELECT b FROM t.big WHERE b + 1 > 0", "does not fit BIGINT"),
            (
                "SELECT count(*) AS n FROM t.big GROUP BY b + 1",
                "does not fit BIGINT",
            ),
            ("SELECT b FROM t.big ORDER BY b * 2", "does not fit BIGINT"),
            (
                "SELECT b / zero AS x FROM t.big",
                "`b / zero` divides by zero: 9223372036854775807 / 0",
            ),
            ("SELECT b % zero AS x FROM t.big", "divides by zero"),
            (
                "SELECT (b - 1) * (i - (i - 2)) - zero AS x FROM t.big",
                "`(b - 1) * (i - (i - 2)) - zero` does not fit BIGINT",
            ),
            (
                "SELECT least - 1 - 2 + 3 AS x FROM t.big",
                "`least - 1 - 2 + 3` does not fit BIGINT",
            ),
        ],
    );
    answers(
        &project,
        &[
            ("SELECT b - 1 AS x FROM t.big", &["9223372036854775806"]),
            (
                "SELECT CAST(b AS DECIMAL(38, 0)) + 1 AS x FROM t.big",
                &["9223372036854775808"],
            ),
            ("SELECT none + b + none AS x FROM t.big", &["\"\""]),
            ("SELECT least % -1 AS x FROM t.big", &["0"]),
            ("SELECT coalesce(none, 1) + 1 AS x FROM t.big", &["2"]),
            // A value under a null does not overflow.
            (
                "SELECT sum(CASE WHEN v < 9 THEN v END + 1) AS x \
                 FROM (VALUES (1), (9223372036854775807)) AS t(v)",
                &["2"],
            ),
            (
                "SELECT v + 1 AS w FROM (VALUES (1), (2)) AS t(v) GROUP BY v + 1 ORDER BY v + 1",
                &["2", "3"],
            ),
        ],
    );
}

#[test]
fn sums_are_right_in_every_order_or_do_not_fit() {
    let rows = "SELECT * FROM (VALUES (1, 9223372036854775807), (2, 1), (3, -9223372036854775807)) AS v(n, b)";
    let decimals = "SELECT * FROM (VALUES \
        (CAST(99999999999999999999999999999999999999 AS DECIMAL(38,0))), \
        (CAST(99999999999999999999999999999999999999 AS DECIMAL(38,0)))) AS v(a)";
    let project = project("sums", &[("t/b", rows), ("t/d", decimals)]);
    let slide = "OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)";
    answers(
        &project,
        &[
            ("SELECT sum(b) AS x FROM t.b", &["1"]),
            ("SELECT sum(b) AS x FROM t.b WHERE n > 9", &["\"\""]),
            (
                "SELECT n % 1 AS g, sum(b) AS x FROM t.b GROUP BY n % 1",
                &["0,1"],
            ),
            ("SELECT sum(DISTINCT b) AS x FROM t.b", &["1"]),
            ("SELECT sum(n) FILTER (WHERE b > 0) AS x FROM t.b", &["3"]),
            ("SELECT sum(n) AS x, avg(n) AS y FROM t.b", &["6,2.0"]),
            ("SELECT sum(a - a) AS x FROM t.d", &["0"]),
            (
                "SELECT sum(v) AS s FROM (VALUES (CAST(1.25 AS DECIMAL(5,2))), (0.50)) AS t(v)",
                &["1.75"],
            ),
        ],
    );
    refuses(
        &project,
        &[
            (
                "SELECT sum(b) AS x FROM t.b WHERE n < 3",
                "does not fit BIGINT",
            ),
            (
                "SELECT n % 1 AS g, sum(b) AS x FROM t.b WHERE n < 3 GROUP BY 1",
                "does not fit BIGINT",
            ),
            (
                &format!("SELECT sum(b) {slide} AS x FROM t.b"),
                "does not fit BIGINT",
            ),
            (
                &format!("SELECT sum(DISTINCT b) {slide} AS x FROM t.b"),
                "does not fit BIGINT",
            ),
            ("SELECT sum(a) AS x FROM t.d", "does not fit DECIMAL(38, 0)"),
            (
                "SELECT sum(a) OVER () AS x FROM t.d",
                "does not fit DECIMAL(38, 0)",
            ),
        ],
    );
}
