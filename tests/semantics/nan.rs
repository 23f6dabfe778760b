//! NaN is greater than every number, also where bounds of files, row groups and pages leave it out.

use super::{answers, project};

#[test]
fn rows_with_nan_are_not_pruned() {
    let few = "SELECT * FROM (VALUES (1, CAST(0.0 AS DOUBLE)), (2, CAST(-0.0 AS DOUBLE)), \
        (3, CAST(1.5 AS DOUBLE)), (4, CAST('NaN' AS DOUBLE)), (5, CAST(NULL AS DOUBLE))) AS v(id, x)";
    // Three row groups; only the first has a NaN, and no number near the greatest.
    let many = "SELECT n AS id, CASE WHEN n = 5 THEN CAST('NaN' AS DOUBLE) ELSE CAST(n AS DOUBLE) END AS x, \
        CAST(n AS FLOAT) AS clean FROM (SELECT unnest(generate_series(1, 300000)) AS n)";
    let project = project("nan", &[("t/few", few), ("t/many", many)]);
    answers(
        &project,
        &[
            ("SELECT id FROM t.few WHERE x > 2.0", &["4"]),
            (
                "SELECT id FROM t.few WHERE x = CAST('NaN' AS DOUBLE)",
                &["4"],
            ),
            (
                "SELECT id FROM t.few WHERE x NOT BETWEEN -10 AND 10",
                &["4"],
            ),
            (
                "SELECT id FROM t.few WHERE x <= 1.5 ORDER BY id",
                &["1", "2", "3"],
            ),
            ("SELECT max(id) AS m FROM t.few WHERE x >= 1.5", &["4"]),
            ("SELECT id FROM t.many WHERE x > 400000", &["5"]),
            (
                "SELECT id FROM t.many WHERE x > 299999 ORDER BY id",
                &["5", "300000"],
            ),
            (
                "SELECT id FROM t.many ORDER BY x DESC LIMIT 2",
                &["5", "300000"],
            ),
            (
                "SELECT count(*) AS n FROM t.many WHERE x <= 200000",
                &["199999"],
            ),
            (
                "SELECT count(*) AS n FROM t.many WHERE clean > 299999 AND id > 0",
                &["1"],
            ),
            (
                "SELECT m.id FROM t.many AS m JOIN (SELECT x FROM t.few WHERE id = 4) AS f ON m.x = f.x",
                &["5"],
            ),
        ],
    );
}

#[test]
fn the_greatest_of_a_group_is_its_nan() {
    // A NaN at the beginning, in the middle and at the end of a group; infinities; only NaN.
    let rows = "SELECT * FROM (VALUES \
        ('a', 1, CAST('NaN' AS DOUBLE)), ('a', 2, CAST(1.5 AS DOUBLE)), ('a', 3, CAST(-2 AS DOUBLE)), \
        ('b', 1, CAST(7 AS DOUBLE)), ('b', 2, CAST('NaN' AS DOUBLE)), ('b', 3, CAST(9 AS DOUBLE)), \
        ('c', 1, CAST('-Infinity' AS DOUBLE)), ('d', 1, CAST('Infinity' AS DOUBLE)), \
        ('e', 1, CAST('NaN' AS DOUBLE)), ('f', 1, NULL)) AS v(g, n, x)";
    let project = project("extremes", &[("t/x", rows)]);
    for kind in ["DOUBLE", "FLOAT"] {
        let x = format!("CAST(x AS {kind})");
        answers(
            &project,
            &[
                (
                    &format!("SELECT g, min({x}), max({x}) FROM t.x GROUP BY g ORDER BY g"),
                    &[
                        "a,-2.0,NaN",
                        "b,7.0,NaN",
                        "c,-inf,-inf",
                        "d,inf,inf",
                        "e,NaN,NaN",
                        "f,,",
                    ],
                ),
                (
                    &format!("SELECT g FROM t.x GROUP BY g HAVING max({x}) > 100 ORDER BY g"),
                    &["a", "b", "d", "e"],
                ),
                (
                    &format!("SELECT max({x}) FROM t.x WHERE g IN ('b', 'd')"),
                    &["NaN"],
                ),
                (
                    &format!(
                        "SELECT max({x}) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), \
                         min({x}) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) \
                         FROM t.x WHERE g = 'b' ORDER BY n"
                    ),
                    &["7.0,7.0", "NaN,7.0", "NaN,9.0"],
                ),
            ],
        );
    }
}
