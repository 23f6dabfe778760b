//! What is allowed and seldom meant: `check` warns, and nothing stops.

use super::project;

/// The SQL of a model, the place of the warning, its message.
const WARNED: [(&str, &str, &str); 11] = [
    (
        "SELECT shop, count(*) FILTER (WHERE price > 5) / count(*) AS rate\nFROM t.sold GROUP BY shop",
        "1:14",
        "divides whole numbers and cuts the fraction off",
    ),
    (
        "SELECT id,\n  100 * id / price AS share FROM t.sold",
        "2:9",
        "`100 * id / price` divides whole numbers",
    ),
    (
        "SELECT 100 * 1 / 3 AS pct",
        "1:8",
        "`100 * 1 / 3` divides whole numbers",
    ),
    (
        "SELECT id FROM t.sold WHERE price / 2 > 1",
        "1:29",
        "`price / 2` divides whole numbers",
    ),
    (
        "SELECT id FROM t.sold WHERE shop = NULL",
        "1:36",
        "`shop = NULL` is never true",
    ),
    (
        "SELECT id, (NULL <> price) AS x FROM t.sold",
        "1:13",
        "`NULL <> price` is never true",
    ),
    (
        "SELECT id FROM t.sold LIMIT 3",
        "1:29",
        "LIMIT without ORDER BY keeps rows by chance",
    ),
    (
        "WITH some AS (SELECT id FROM t.sold LIMIT 3)\nSELECT id FROM some",
        "1:43",
        "LIMIT without ORDER BY",
    ),
    (
        "SELECT id FROM t.sold UNION SELECT id FROM t.two LIMIT 3",
        "1:56",
        "LIMIT without ORDER BY",
    ),
    (
        "SELECT id, price + 1 FROM t.sold",
        "1:12",
        "a column of the table is called `price + 1`",
    ),
    (
        "SELECT count(*) FROM t.sold UNION ALL SELECT 1",
        "1:8",
        "a column of the table is called `count(*)`",
    ),
];

/// What looks alike and is meant.
const MEANT: [&str; 9] = [
    "SELECT CAST(price / 2 AS BIGINT) AS half FROM t.sold",
    "SELECT price / 5 * 5 AS step, 5 * (price / 5) AS same FROM t.sold",
    "SELECT CAST(price AS DOUBLE) / 2 AS a, price / 2.0 AS b, floor(price / 2) AS c FROM t.sold",
    "SELECT id FROM t.sold WHERE shop IS NULL",
    "SELECT id FROM t.sold WHERE shop IS NOT DISTINCT FROM NULL",
    "SELECT id FROM t.sold ORDER BY id LIMIT 3",
    "SELECT id FROM t.two AS t WHERE EXISTS (SELECT 1 FROM t.sold AS s WHERE s.id = t.id LIMIT 1)",
    "SELECT 1 AS one LIMIT 1",
    "SELECT id FROM (SELECT id FROM t.sold ORDER BY price DESC, id) AS s LIMIT 2",
];

#[test]
fn what_is_seldom_meant_is_warned_of_with_its_place_and_a_way() {
    let project = project("guard-warned");
    for (number, (sql, _, _)) in WARNED.iter().enumerate() {
        project.write(&format!("models/odd/m{number}.sql"), sql);
    }
    for (number, sql) in MEANT.iter().enumerate() {
        project.write(&format!("models/fine/m{number}.sql"), sql);
    }
    let printed = project.tsugi("check", &[]).ended(0).stderr;
    let mut wrong = Vec::new();
    for (number, (sql, place, message)) in WARNED.iter().enumerate() {
        let at = format!("--> models/odd/m{number}.sql:{place}\n");
        let found = printed.split("\n\n").find(|finding| finding.contains(&at));
        let is_right = |one: &str| {
            one.contains("warning: ") && one.contains(message) && one.contains("hint: write ")
        };
        if !found.is_some_and(is_right) {
            wrong.push((sql, place, message));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{printed}");
    assert!(!printed.contains("models/fine"), "{printed}");
    assert_eq!(
        printed.matches("warning: ").count(),
        WARNED.len(),
        "{printed}"
    );
}
