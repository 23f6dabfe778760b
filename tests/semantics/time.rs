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
        &[
            (
                "SELECT TIMESTAMP '2026-01-01T12:00:00+09:00' AS x",
                "has an offset",
            ),
            (
                "SELECT CAST('2026-01-01' AS TIMESTAMP(9)) AS x",
                "timestamps have 0, 3 or 6 digits",
            ),
        ],
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
            "there is no time zone `Asia/Edo`",
        )],
    );
}
