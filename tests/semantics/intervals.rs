//! Intervals have a length: what compares them is right, and what would tell 24 hours from a day is
//! refused with what to write instead.

use super::{answers, project, refuses};

#[test]
fn what_would_tell_two_spellings_of_a_length_apart_is_refused() {
    let project = project("intervals", &[("t/one", "SELECT 1 AS id")]);
    // No table stores an interval.
    let over_gaps = |sql: &str| {
        let rows = "(1, INTERVAL '25 hours'), (2, INTERVAL '1 day')";
        format!("WITH gaps AS (SELECT * FROM (VALUES {rows}) AS v(id, i)) {sql}")
    };
    let epoch = "extract(epoch FROM x), its length in seconds";
    for (sql, due) in [
        ("SELECT max(i) AS x FROM gaps", "`max` compares an interval"),
        (
            "SELECT min(i) OVER () AS x FROM gaps",
            "`min` compares an interval",
        ),
        (
            "SELECT count(DISTINCT i) AS x FROM gaps",
            "`count` compares an interval",
        ),
        (
            "SELECT greatest(i, i) AS x FROM gaps",
            "`greatest` compares an interval",
        ),
        (
            "SELECT i, count(*) AS n FROM gaps GROUP BY i",
            "GROUP BY compares an interval",
        ),
        (
            "SELECT DISTINCT i FROM gaps",
            "DISTINCT compares `i`, an interval",
        ),
        (
            "SELECT id FROM gaps WHERE i IN (SELECT i FROM gaps)",
            "a query is searched for an interval",
        ),
        ("SELECT a.id FROM gaps AS a JOIN gaps AS b USING (i)", epoch),
        ("SELECT i FROM gaps EXCEPT SELECT i FROM gaps", epoch),
    ] {
        refuses(&project, &[(&over_gaps(sql), due)]);
    }
    for (sql, due) in [
        ("SELECT id FROM gaps ORDER BY i", &["2", "1"][..]),
        ("SELECT id FROM gaps WHERE i > INTERVAL '1 day'", &["1"]),
        (
            "SELECT max(d) AS x FROM (SELECT TIMESTAMP '2026-01-03 00:00:00' - TIMESTAMP '2026-01-01 00:00:00' > INTERVAL '1 day' AS d) AS s",
            &["true"],
        ),
        (
            "SELECT max(extract(epoch FROM i)) AS x FROM gaps",
            &["90000.0"],
        ),
    ] {
        answers(&project, &[(&over_gaps(sql), due)]);
    }
}
