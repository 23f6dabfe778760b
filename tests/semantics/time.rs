//! Timestamps are microseconds, and a zone says the same in one model as in two.

use super::{answers, project, refuses};

#[test]
fn open_ends_of_time_are_timestamps() {
    let rows = "SELECT * FROM (VALUES (1, TIMESTAMP '2026-03-29 00:30:00'), (2, TIMESTAMP '2024-02-29 12:00:00')) AS v(id, ts)";
    let project = project("far", &[("t/ts", rows)]);
    answers(
        &project,
        &[
            (
                "SELECT id FROM t.ts WHERE ts < DATE '9999-12-31' ORDER BY id",
                &["1", "2"],
            ),
            (
                "SELECT id FROM t.ts WHERE ts BETWEEN DATE '0001-01-01' AND DATE '2025-01-01'",
                &["2"],
            ),
            (
                "SELECT id FROM t.ts WHERE ts IN (DATE '9999-12-31', TIMESTAMP '2024-02-29 12:00:00')",
                &["2"],
            ),
            (
                "SELECT TIMESTAMP '2500-01-01 00:00:00' AS x",
                &["2500-01-01T00:00:00"],
            ),
            (
                "SELECT CAST(DATE '9999-12-31' AS TIMESTAMP) AS x",
                &["9999-12-31T00:00:00"],
            ),
            (
                "SELECT CAST('9999-12-31 23:59:59.999999' AS TIMESTAMP) AS x",
                &["9999-12-31T23:59:59.999999"],
            ),
            (
                "SELECT date_trunc('month', ts) AS x FROM t.ts WHERE id = 1",
                &["2026-03-01T00:00:00"],
            ),
            (
                "SELECT max(x) AS x FROM (SELECT ts AS x FROM t.ts UNION ALL SELECT DATE '9999-12-31')",
                &["9999-12-31T00:00:00"],
            ),
            (
                "SELECT coalesce(NULL, ts, DATE '9999-12-31') AS x FROM t.ts WHERE id = 1",
                &["2026-03-29T00:30:00"],
            ),
            (
                "SELECT CASE WHEN id = 1 THEN ts ELSE DATE '9999-12-31' END AS x FROM t.ts ORDER BY id",
                &["2026-03-29T00:30:00", "9999-12-31T00:00:00"],
            ),
            ("SELECT arrow_typeof(now()) AS x", &["Timestamp(µs)"]),
            (
                "SELECT ts + INTERVAL '1' DAY AS x FROM t.ts WHERE id = 2",
                &["2024-03-01T12:00:00"],
            ),
            (
                "SELECT arrow_typeof(ts) AS x FROM t.ts LIMIT 1",
                &["Timestamp(µs)"],
            ),
        ],
    );
    refuses(
        &project,
        &[(
            "SELECT CAST('2026-01-01' AS TIMESTAMP(9)) AS x",
            "timestamps have 0, 3 or 6 digits",
        )],
    );
}

#[test]
fn a_zone_says_the_same_in_one_model_as_in_two() {
    let local = "SELECT 1 AS id, TIMESTAMPTZ '2026-03-31T20:00:00Z' AT TIME ZONE 'Asia/Tokyo' AS t";
    let day = "SELECT id, CAST(t AS DATE) AS day, date_trunc('day', t) AS d FROM";
    let project = project(
        "zone",
        &[
            ("a/local", local),
            ("b/one", &format!("WITH local AS ({local}) {day} local")),
            ("b/two", &format!("{day} a.local")),
        ],
    );
    answers(
        &project,
        &[
            (
                "SELECT day, d FROM b.one UNION ALL SELECT day, d FROM b.two",
                &[
                    "2026-04-01,2026-04-01T00:00:00",
                    "2026-04-01,2026-04-01T00:00:00",
                ],
            ),
            // The moment when clocks show a time, and back.
            (
                "SELECT TIMESTAMP '2026-04-01 05:00:00' AT TIME ZONE 'Asia/Tokyo' AS t",
                &["2026-03-31T20:00:00Z"],
            ),
            (
                "SELECT TIMESTAMP '2026-04-01 05:00:00' AT TIME ZONE '+09:00' AT TIME ZONE 'UTC' AS t",
                &["2026-03-31T20:00:00"],
            ),
            // An hour that is skipped in spring, one that comes twice in autumn.
            (
                "SELECT TIMESTAMP '2026-03-29 02:30:00' AT TIME ZONE 'Europe/Berlin' AS t",
                &["2026-03-29T01:30:00Z"],
            ),
            (
                "SELECT TIMESTAMP '2026-10-25 02:30:00' AT TIME ZONE 'Europe/Berlin' AS t",
                &["2026-10-25T01:30:00Z"],
            ),
        ],
    );
    refuses(
        &project,
        &[(
            "SELECT TIMESTAMP '2026-04-01 05:00:00' AT TIME ZONE 'Asia/Edo' AS t",
            "there is no such time zone: 'Asia/Edo'",
        )],
    );
}

#[test]
fn bins_have_no_end_and_take_an_origin() {
    let rows = "SELECT * FROM (VALUES (1, TIMESTAMP '2026-03-29 10:41:00'), (2, TIMESTAMP '9999-12-31 23:59:59'), \
        (3, TIMESTAMP '0001-01-01 00:10:00'), (4, NULL)) AS v(id, ts)";
    let project = project("bins", &[("t/ts", rows)]);
    answers(
        &project,
        &[
            (
                "SELECT date_bin(INTERVAL '1 day', ts) AS x FROM t.ts ORDER BY id",
                &[
                    "2026-03-29T00:00:00",
                    "9999-12-31T00:00:00",
                    "0001-01-01T00:00:00",
                    "\"\"",
                ],
            ),
            (
                "SELECT date_bin(INTERVAL '15 minutes', ts, TIMESTAMP '2500-01-01 00:05:00') AS x FROM t.ts WHERE id < 3 ORDER BY id",
                &["2026-03-29T10:35:00", "9999-12-31T23:50:00"],
            ),
            (
                "SELECT date_bin(INTERVAL '3 months', ts, TIMESTAMP '2026-01-31 00:00:00') AS x FROM t.ts WHERE id = 1",
                &["2026-01-31T00:00:00"],
            ),
            (
                "SELECT date_bin(INTERVAL '1 month', ts) AS x, date_bin(INTERVAL '1 year', ts) AS y FROM t.ts WHERE id < 4 ORDER BY id",
                &[
                    "2026-03-01T00:00:00,2026-01-01T00:00:00",
                    "9999-12-01T00:00:00,9999-01-01T00:00:00",
                    "0001-01-01T00:00:00,0001-01-01T00:00:00",
                ],
            ),
            (
                "SELECT date_bin(INTERVAL '1 week', DATE '2026-03-31', DATE '2026-03-30') AS x, \
                 date_bin(INTERVAL '1 hour', TIMESTAMPTZ '2500-03-31T10:30:00Z') AS y, \
                 date_bin(INTERVAL '2 hours', TIME '11:30:00') AS z",
                &["2026-03-30T00:00:00,2500-03-31T10:00:00Z,10:00:00"],
            ),
        ],
    );
    for width in ["0 days", "-1 day", "1 month 1 day"] {
        let sql = format!("SELECT date_bin(INTERVAL '{width}', ts) AS x FROM t.ts");
        refuses(&project, &[(&sql, "the width of date_bin is above zero")]);
    }
}
