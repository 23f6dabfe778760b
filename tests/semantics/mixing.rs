//! Numbers, texts, dates and conditions side by side: what DuckDB refuses is refused with its place, and
//! what it answers without loss has the same answer.

use super::{answers, project, refuses};
use crate::sample_copy::Project;

fn mixed(name: &str) -> Project {
    let rows = "SELECT * FROM (VALUES (1, 'x', DATE '2026-01-01', TIMESTAMP '2026-01-01 10:00:00', true), \
                (0, '2', DATE '2026-01-02', TIMESTAMP '2026-01-02 10:00:00', false), (NULL, NULL, NULL, NULL, NULL)) AS v (i, s, d, ts, b)";
    project(name, &[("t/v", rows)])
}

#[test]
fn a_number_is_no_date_and_a_column_of_texts_is_neither() {
    refuses(
        &mixed("mixing-types"),
        &[
            (
                "SELECT CASE WHEN b THEN i ELSE d END AS x FROM t.v",
                "CASE mixes BIGINT with DATE",
            ),
            (
                "SELECT CASE WHEN b THEN d ELSE 0 END AS x FROM t.v",
                "CASE mixes DATE with BIGINT",
            ),
            (
                "SELECT CASE WHEN b THEN s ELSE d END AS x FROM t.v",
                "CASE mixes VARCHAR with DATE",
            ),
            (
                "SELECT CASE WHEN b THEN i ELSE s END AS x FROM t.v",
                "CASE mixes BIGINT with VARCHAR",
            ),
            (
                "SELECT CASE WHEN b THEN b ELSE i END AS x FROM t.v",
                "CASE mixes BOOLEAN with BIGINT",
            ),
            (
                "SELECT CASE WHEN b THEN ts ELSE 1.5 END AS x FROM t.v",
                "CASE mixes TIMESTAMP with DECIMAL(2, 1)",
            ),
            (
                "SELECT CASE d WHEN 1 THEN 'a' END AS x FROM t.v",
                "CASE … WHEN mixes DATE with BIGINT",
            ),
            (
                "SELECT coalesce(d, 0) AS x FROM t.v",
                "`coalesce` mixes DATE with BIGINT",
            ),
            (
                "SELECT coalesce(s, d) AS x FROM t.v",
                "`coalesce` mixes VARCHAR with DATE",
            ),
            (
                "SELECT coalesce(s, 0) AS x FROM t.v",
                "`coalesce` mixes VARCHAR with BIGINT",
            ),
            (
                "SELECT ifnull(d, i) AS x FROM t.v",
                "mixes DATE with BIGINT",
            ),
            (
                "SELECT greatest(i, d) AS x FROM t.v",
                "`greatest` mixes BIGINT with DATE",
            ),
            (
                "SELECT nullif(d, 0) AS x FROM t.v",
                "`nullif` mixes DATE with BIGINT",
            ),
            (
                "SELECT lag(d, 1, 0) OVER (ORDER BY i) AS x FROM t.v",
                "`lag` mixes DATE with BIGINT",
            ),
            (
                "SELECT i FROM t.v UNION ALL SELECT d FROM t.v",
                "the column `i` mixes BIGINT with DATE",
            ),
            (
                "SELECT b FROM t.v UNION SELECT i FROM t.v",
                "the column `b` mixes BOOLEAN with BIGINT",
            ),
            (
                "SELECT i FROM t.v EXCEPT SELECT d FROM t.v",
                "`=` mixes BIGINT with DATE",
            ),
            (
                "SELECT i FROM t.v INTERSECT SELECT d FROM t.v",
                "`=` mixes BIGINT with DATE",
            ),
            (
                "SELECT i FROM t.v WHERE d > 20260101",
                "`>` mixes DATE with BIGINT",
            ),
            (
                "SELECT i FROM t.v WHERE d BETWEEN 1 AND 2",
                "BETWEEN mixes DATE with BIGINT",
            ),
            (
                "SELECT i FROM t.v WHERE d IN (1, 2)",
                "IN mixes DATE with BIGINT",
            ),
            (
                "SELECT i FROM t.v WHERE d IN (SELECT i FROM t.v)",
                "IN mixes DATE with BIGINT",
            ),
            (
                "SELECT v.i FROM t.v JOIN t.v AS w ON v.i = w.d",
                "`=` mixes BIGINT with DATE",
            ),
            (
                "SELECT i IS DISTINCT FROM d AS x FROM t.v",
                "mixes BIGINT with DATE",
            ),
        ],
    );
}

#[test]
fn a_number_or_a_text_is_no_condition() {
    refuses(
        &mixed("mixing-conditions"),
        &[
            ("SELECT i FROM t.v WHERE 1", "SQL:1:25"),
            (
                "SELECT i FROM t.v WHERE s",
                "the condition `t.v.s` is VARCHAR",
            ),
            (
                "SELECT CASE WHEN 5 THEN 1 END AS x",
                "the condition `5` is BIGINT",
            ),
            (
                "SELECT CASE WHEN i THEN 1 END AS x FROM t.v",
                "hint: write i <> 0",
            ),
            (
                "SELECT CASE WHEN 'x' THEN 1 END AS x",
                "is VARCHAR, not true or false",
            ),
            (
                "SELECT CASE WHEN d THEN 1 END AS x FROM t.v",
                "the condition `d` is DATE",
            ),
            (
                "SELECT if(i, 1, 2) AS x FROM t.v",
                "the condition `i` is BIGINT",
            ),
            (
                "SELECT count(*) FILTER (WHERE i) AS x FROM t.v",
                "the condition `i` is BIGINT",
            ),
            (
                "SELECT count_if(i) AS x FROM t.v",
                "the condition `i` is BIGINT",
            ),
            (
                "SELECT v.i FROM t.v JOIN t.v AS w ON 1",
                "the condition of a join is BIGINT",
            ),
        ],
    );
}

#[test]
fn a_written_text_is_read_as_what_it_stands_beside() {
    answers(
        &mixed("mixing-texts"),
        &[
            (
                "SELECT coalesce(d, '2020-01-01') AS x FROM t.v WHERE i IS NULL",
                &["2020-01-01"],
            ),
            (
                "SELECT coalesce(ts, '2020-01-01') AS x FROM t.v WHERE i IS NULL",
                &["2020-01-01T00:00:00"],
            ),
            (
                "SELECT coalesce(i, '7') AS x FROM t.v WHERE i IS NULL",
                &["7"],
            ),
            (
                "SELECT CASE WHEN i = 1 THEN '2020-01-01' ELSE d END AS x FROM t.v WHERE i = 1",
                &["2020-01-01"],
            ),
            (
                "SELECT CASE WHEN i = 1 THEN d ELSE ts END AS x FROM t.v WHERE i = 1",
                &["2026-01-01T00:00:00"],
            ),
            ("SELECT i FROM t.v WHERE d > '2026-01-01'", &["0"]),
            ("SELECT i FROM t.v WHERE i IN ('1')", &["1"]),
            ("SELECT d + 1 AS x FROM t.v WHERE i = 1", &["2026-01-02"]),
            (
                "SELECT s AS x FROM t.v WHERE i = 1 UNION ALL SELECT d FROM t.v WHERE i = 1 UNION ALL SELECT b FROM t.v WHERE i = 0 ORDER BY x",
                &["2026-01-01", "false", "x"],
            ),
        ],
    );
}

#[test]
fn check_names_the_place_of_what_does_not_go_together() {
    let project = mixed("mixing-places");
    project.write(
        "models/t/bad.sql",
        "SELECT\n  CASE WHEN b THEN i ELSE d END AS one,\n  CASE WHEN i THEN 1 END AS two\nFROM t.v\n",
    );
    let said = project.tsugi("check", &[]).ended(2).stderr;
    for due in ["models/t/bad.sql:2:27", "models/t/bad.sql:3:13", "2 errors"] {
        assert!(said.contains(due), "{due}: {said}");
    }
}
