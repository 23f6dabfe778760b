//! Numbers with a point are decimals; quotients, averages and casts round.

use super::{answers, project, refuses};

#[test]
fn literals_with_a_point_are_decimals() {
    let project = project(
        "literals",
        &[("t/x", "SELECT CAST(0.5 AS DOUBLE) AS x, 7 AS n")],
    );
    answers(
        &project,
        &[
            ("SELECT 0.1 + 0.2 = 0.3 AS e", &["true"]),
            (
                "SELECT CAST(12345678901234567.89 AS DECIMAL(20,2)) AS x",
                &["12345678901234567.89"],
            ),
            (
                "SELECT arrow_typeof(1e3) AS x, arrow_typeof(1.5E0) AS y",
                &["Float64,Float64"],
            ),
            (
                "SELECT -0.10 AS x, .5 AS y, 0.1 * 0.1 AS z",
                &["-0.10,0.5,0.01"],
            ),
            // Beside a double they are doubles.
            (
                "SELECT arrow_typeof(x + 1.5) AS x, arrow_typeof(coalesce(x, 1.5)) AS y FROM t.x",
                &["Float64,Float64"],
            ),
            (
                "SELECT arrow_typeof(CASE WHEN n > 1 THEN 1.5 ELSE x END) AS x FROM t.x",
                &["Float64"],
            ),
            (
                "SELECT arrow_typeof(y) AS t FROM (SELECT 1.5 AS y UNION ALL SELECT x FROM t.x)",
                &["Float64", "Float64"],
            ),
            (
                "SELECT x = 0.5 AS a, x IN (0.25, 0.5) AS b, x BETWEEN 0.4 AND 0.6 AS c FROM t.x",
                &["true,true,true"],
            ),
            (
                "SELECT CAST('NaN' AS DOUBLE) > 1.5 AS a, 1e300 > 0.5 AS b",
                &["true,true"],
            ),
            (
                "SELECT round(2.345, 2) AS x, sqrt(0.25) AS y, power(2.0, 0.5) = sqrt(2.0) AS z",
                &["2.35,0.5,true"],
            ),
        ],
    );
}

#[test]
fn quotients_averages_and_casts_round() {
    let project = project(
        "quotients",
        &[("t/n", "SELECT * FROM (VALUES (1), (2), (2)) AS t(v)")],
    );
    answers(
        &project,
        &[
            (
                "SELECT CAST('10' AS DECIMAL(10,2)) / CAST('6' AS DECIMAL(10,2)) AS x",
                &["1.666667"],
            ),
            (
                "SELECT CAST('-10' AS DECIMAL(10,2)) / CAST('6' AS DECIMAL(10,2)) AS x",
                &["-1.666667"],
            ),
            (
                "SELECT 1.0 / 2000000.0 AS x, 1.0 / 3 AS y, 2 / 3.0 AS z",
                &["0.000001,0.333333333333,0.666666666667"],
            ),
            ("SELECT 100.0 * 2 / 3 AS x", &["66.666666666667"]),
            (
                "SELECT avg(CAST(v AS DECIMAL(10,2))) AS x FROM t.n",
                &["1.666667"],
            ),
            (
                "SELECT v, avg(CAST(v AS DECIMAL(10,2))) AS x FROM t.n GROUP BY v ORDER BY v",
                &["1,1.000000", "2,2.000000"],
            ),
            (
                "SELECT DISTINCT avg(CAST(v AS DECIMAL(10,2))) OVER () AS x FROM t.n",
                &["1.666667"],
            ),
            (
                "SELECT avg(DISTINCT CAST(v AS DECIMAL(10,2)) / 3.0) AS x FROM t.n",
                &["0.5000000000"],
            ),
            (
                "SELECT CAST(2.5 AS INT) AS a, CAST(-2.5 AS INT) AS b, CAST(2.4 AS BIGINT) AS c",
                &["3,-3,2"],
            ),
            (
                "SELECT CAST(2.5e0 AS INT) AS a, CAST(3.5e0 AS INT) AS b, CAST(-1.7e0 AS INT) AS c",
                &["2,4,-2"],
            ),
            (
                "SELECT CAST(9.5 AS DECIMAL(2,0)) AS a, TRY_CAST(2.5 AS INT) AS b",
                &["10,3"],
            ),
            (
                "SELECT CAST('abcdef' AS VARCHAR(3)) AS v, CAST('靴底の割れ' AS VARCHAR(2)) AS w",
                &["abc,靴底"],
            ),
        ],
    );
    refuses(
        &project,
        &[
            (
                "SELECT CAST(v AS DECIMAL(10,2)) / (v - v) AS x FROM t.n",
                "divides by zero",
            ),
            ("SELECT 1.5 / 0.0 AS x", "divides by zero: 1.5 / 0.0"),
        ],
    );
}

#[test]
fn whole_numbers_of_decimals_have_room() {
    let project = project(
        "whole",
        &[(
            "t/d",
            "SELECT CAST(v AS DECIMAL(2, 1)) AS d FROM (VALUES (9.5), (-9.5), (0.0)) AS t(v)",
        )],
    );
    answers(
        &project,
        &[
            (
                "SELECT floor(-0.5) AS a, ceil(0.5) AS b, ceil(-0.5) AS c, floor(0.96) AS d",
                &["-1,1,0,0"],
            ),
            (
                "SELECT floor(d) AS f, ceil(d) AS c FROM t.d ORDER BY d",
                &["-10,-9", "0,0", "9,10"],
            ),
            (
                "SELECT floor(floor(d) / 3) AS f FROM t.d ORDER BY d",
                &["-4", "0", "3"],
            ),
            (
                "SELECT floor(CAST(2.5 AS DOUBLE)) AS f, ceil(7) AS c",
                &["2.0,7.0"],
            ),
        ],
    );
}

#[test]
fn a_decimal_of_39_digits_is_an_error() {
    let nines = "9".repeat(38);
    let model = format!(
        "SELECT id, CAST(v AS DECIMAL(38, 0)) AS d FROM (VALUES (1, '1'), (2, '{nines}'), (3, NULL)) AS t(id, v)"
    );
    let project = project("digits", &[("t/d", &model)]);
    refuses(
        &project,
        &[
            (
                "SELECT d + 1 AS x FROM t.d",
                "`d + 1` does not fit DECIMAL(38, 0)",
            ),
            (
                "SELECT d * 2 - 1 AS x FROM t.d",
                "`d * 2` does not fit DECIMAL(38, 0)",
            ),
            (
                "SELECT -d - 1 AS x FROM t.d",
                "round an operand, or CAST it AS DOUBLE",
            ),
            (
                "SELECT d + d + d AS x FROM t.d WHERE id = 2",
                "`d + d` does not fit",
            ),
            (
                "SELECT CAST(1 AS DECIMAL(38, 20)) * CAST(1 AS DECIMAL(38, 20)) AS x",
                "has more digits after the point than a decimal has",
            ),
        ],
    );
    answers(
        &project,
        &[
            (
                "SELECT d + 1 AS x FROM t.d WHERE id <> 2 ORDER BY id",
                &["2", "\"\""],
            ),
            (
                "SELECT d - 1 AS x FROM t.d WHERE id = 2",
                &[&format!("{}8", "9".repeat(37))],
            ),
        ],
    );
}
