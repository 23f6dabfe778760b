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
