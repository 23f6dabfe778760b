//! The clock and chance are refused in what is made once and kept; a query of the moment may read
//! them.

use super::{project, rows};

#[test]
fn what_is_made_once_does_not_read_the_clock() {
    let project = project("clock", &[("t/one", "SELECT 1 AS id, $as_of AS day")]);
    let bad = [
        ("SELECT now() AS x", "now"),
        ("SELECT current_date AS x", "current_date"),
        ("SELECT CURRENT_TIMESTAMP AS x", "current_timestamp"),
        ("SELECT id FROM t.one WHERE day < today()", "today"),
        ("WITH s AS (SELECT random() AS x) SELECT x FROM s", "random"),
        ("SELECT id FROM t.one ORDER BY uuid()", "uuid"),
        (
            "-- @kind view\nSELECT id, current_time AS x FROM t.one",
            "current_time",
        ),
        ("SELECT (SELECT max(uuidv7()) FROM t.one) AS x", "uuidv7"),
    ];
    for (number, (sql, _)) in bad.iter().enumerate() {
        project.write(&format!("models/bad/m{number}.sql"), sql);
    }
    project.write(
        "checks/late.sql",
        "SELECT id FROM t.one WHERE day > current_date",
    );
    let said = project.tsugi("check", &[]).ended(2).stderr;
    for (number, (_, name)) in bad.iter().enumerate() {
        let due = format!("`{name}` changes while nothing else does");
        let at = format!("models/bad/m{number}.sql:");
        let found = said.split("\n\n").find(|one| one.contains(&at));
        assert!(
            found.is_some_and(|one| one.contains(&due)),
            "{at} {due}: {said}"
        );
    }
    assert!(said.contains("checks/late.sql:1:"), "{said}");
    assert!(said.contains("write $as_of"), "{said}");
    for (number, _) in bad.iter().enumerate() {
        project.write(&format!("models/bad/m{number}.sql"), "SELECT 1 AS x");
    }
    project.write("checks/late.sql", "SELECT id FROM t.one WHERE day > $as_of");
    project.tsugi("run", &[]).ended(0);
    let now = rows(
        &project,
        "SELECT now() > TIMESTAMP '2026-01-01' AS x, random() < 1 AS y",
    );
    assert_eq!(now, ["true,true"]);
}
