//! What the planner would drop, or answer otherwise than it is written, with its place.

use super::project;

/// The SQL of a model, the place of the finding, its message.
const REFUSED: [(&str, &str, &str); 62] = [
    (
        "SELECT ~price AS x FROM t.sold",
        "1:9",
        "the operator `~` is not supported",
    ),
    (
        "SELECT id ^ 2 AS x FROM t.sold",
        "1:11",
        "`^` is the power in DuckDB and PostgreSQL",
    ),
    (
        "SELECT (id, price) = (1, 2, 3) AS x FROM t.sold",
        "1:9",
        "a row of 2 values is compared with a row of 3",
    ),
    (
        "SELECT (id, price) IS NULL AS x FROM t.sold",
        "1:9",
        "a row value `(id, price)` is not read by IS NULL",
    ),
    (
        "SELECT shop, count(*) AS n\nFROM t.sold\nGROUP BY shop WITH ROLLUP",
        "3:15",
        "`WITH ROLLUP` would be ignored",
    ),
    (
        "SELECT shop, count(*) AS n FROM t.sold GROUP BY shop WITH CUBE",
        "1:54",
        "`WITH CUBE` would be ignored",
    ),
    (
        "SELECT shop, count(*) AS n FROM t.sold GROUP BY shop WITH TOTALS",
        "1:54",
        "`WITH TOTALS` would be ignored",
    ),
    (
        "SELECT shop, count(*) AS n FROM t.sold GROUP BY ROLLUP (1)",
        "1:57",
        "`1` would be grouped by as a number",
    ),
    (
        "SELECT id FROM t.sold\nPREWHERE id = 1",
        "2:1",
        "`PREWHERE` is not supported",
    ),
    (
        "SELECT id FROM t.sold START WITH id = 1 CONNECT BY PRIOR id = id - 1",
        "1:41",
        "`CONNECT BY` is not supported",
    ),
    (
        "SELECT id FROM t.sold PARTITION (p0)",
        "1:23",
        "`PARTITION` would be ignored",
    ),
    (
        "SELECT id FROM t.sold WITH (NOLOCK)",
        "1:23",
        "`WITH` would be ignored",
    ),
    (
        "SELECT id FROM t.sold (NOLOCK)",
        "1:16",
        "`t.sold` is a table, and takes no arguments",
    ),
    (
        "SELECT id FROM t.sold SETTINGS max_threads = 1",
        "1:23",
        "`SETTINGS` would be ignored",
    ),
    (
        "SELECT id FROM t.sold FORMAT JSON",
        "1:23",
        "`FORMAT` would be ignored",
    ),
    (
        "SELECT id FROM t.sold FOR UPDATE",
        "1:23",
        "`FOR` would be ignored",
    ),
    (
        "SELECT id FROM t.sold FOR SHARE",
        "1:23",
        "`FOR` would be ignored",
    ),
    (
        "SELECT id FROM t.sold FOR XML AUTO",
        "1:23",
        "`FOR` would be ignored",
    ),
    (
        "SELECT id FROM t.sold FOR JSON AUTO",
        "1:23",
        "`FOR` would be ignored",
    ),
    (
        "SELECT id FROM t.sold TABLESAMPLE (10 PERCENT)",
        "1:23",
        "`TABLESAMPLE` would be ignored",
    ),
    (
        "SELECT q.id FROM (SELECT id FROM t.sold) AS q TABLESAMPLE (10 PERCENT)",
        "1:47",
        "`TABLESAMPLE` would be ignored",
    ),
    (
        "SELECT id FROM t.sold WHERE id IN (SELECT id FROM t.two FOR UPDATE)",
        "1:57",
        "`FOR` would be ignored",
    ),
    (
        "WITH a AS (SELECT id FROM t.sold PREWHERE id = 1) SELECT id FROM a",
        "1:34",
        "`PREWHERE` is not supported",
    ),
    (
        "SELECT id FROM t.sold UNION ALL SELECT id FROM t.two PREWHERE id = 1",
        "1:54",
        "`PREWHERE` is not supported",
    ),
    (
        "SELECT id FROM t.sold LIMIT 2 BY shop",
        "1:23",
        "`LIMIT` is not supported",
    ),
    (
        "SELECT id INTO x FROM t.sold",
        "1:11",
        "`INTO` is not supported",
    ),
    (
        "SELECT id FROM t.sold FETCH FIRST 2 ROWS WITH TIES",
        "1:42",
        "`WITH TIES` is not supported",
    ),
    (
        "SELECT id FROM t.sold FETCH FIRST 2 PERCENT ROWS ONLY",
        "1:37",
        "`PERCENT` is not supported",
    ),
    (
        "SELECT id FROM t.sold ORDER BY id WITH FILL",
        "1:35",
        "`WITH FILL` is not supported",
    ),
    (
        "SELECT id FROM t.sold |> WHERE id = 1",
        "1:23",
        "`|>` is not supported",
    ),
    (
        "SELECT id FROM t.sold CLUSTER BY id",
        "1:23",
        "`CLUSTER BY` is not supported",
    ),
    (
        "SELECT id FROM t.sold DISTRIBUTE BY id",
        "1:23",
        "`DISTRIBUTE BY` is not supported",
    ),
    (
        "SELECT id FROM t.sold SORT BY id",
        "1:23",
        "`SORT BY` is not supported",
    ),
    (
        "SELECT id FROM t.sold LATERAL VIEW explode(shop) x AS y",
        "1:23",
        "`LATERAL VIEW` is not supported",
    ),
    ("SELECT FROM t.sold", "1:1", "this SELECT has no columns"),
    (
        "SELECT * RENAME (id AS x) FROM t.sold",
        "1:10",
        "`RENAME` is not supported",
    ),
    (
        "SELECT * FROM t.sold AS s(a INT, b TEXT, c INT)",
        "1:27",
        "the type of `a` would be ignored",
    ),
    (
        "SELECT s.id FROM t.sold AS s\nJOIN t.two AS o",
        "2:6",
        "this join has no condition",
    ),
    (
        "SELECT s.id FROM t.sold AS s LEFT JOIN t.two AS o",
        "1:40",
        "this join has no condition",
    ),
    (
        "SELECT s.id FROM t.sold AS s GLOBAL JOIN t.two AS o USING (id)",
        "1:30",
        "`GLOBAL` would be ignored",
    ),
    (
        "SELECT upper(DISTINCT shop) AS u FROM t.sold",
        "1:14",
        "`DISTINCT` would be ignored: `upper` computes one row at a time",
    ),
    (
        "SELECT upper(shop) FILTER (WHERE id = 1) AS u FROM t.sold",
        "1:20",
        "`FILTER` would be ignored",
    ),
    (
        "SELECT upper(shop) IGNORE NULLS AS u FROM t.sold",
        "1:20",
        "`IGNORE NULLS` would be ignored",
    ),
    (
        "SELECT upper(shop) RESPECT NULLS AS u FROM t.sold",
        "1:20",
        "`RESPECT NULLS` would be ignored",
    ),
    (
        "SELECT upper(shop ORDER BY id) AS u FROM t.sold",
        "1:19",
        "`ORDER BY` would be ignored",
    ),
    (
        "SELECT upper(shop) WITHIN GROUP (ORDER BY id) AS u FROM t.sold",
        "1:20",
        "`WITHIN GROUP` would be ignored",
    ),
    (
        "SELECT upper(shop) OVER () AS u FROM t.sold",
        "1:20",
        "`OVER` would be ignored",
    ),
    (
        "SELECT upper(shop)(1) AS u FROM t.sold",
        "1:8",
        "the first parentheses of `upper` would be ignored",
    ),
    (
        "SELECT rank() IGNORE NULLS OVER (ORDER BY id) AS r FROM t.sold",
        "1:15",
        "`IGNORE NULLS` would be ignored: `rank` does not read it",
    ),
    (
        "SELECT sum(price) RESPECT NULLS OVER (ORDER BY id) AS r FROM t.sold",
        "1:19",
        "`RESPECT NULLS` would be ignored",
    ),
    (
        "SELECT count(s.*) AS n FROM t.sold AS s",
        "1:8",
        "`count(s.*)` would be read as `count(*)`",
    ),
    (
        "SELECT array_agg(price ORDER BY 1) AS n FROM t.sold",
        "1:33",
        "ORDER BY 1 inside a call names no column",
    ),
    (
        "SELECT percentile_cont(price, 0.5 ORDER BY id) AS n FROM t.sold",
        "1:44",
        "the first argument of `percentile_cont` would be ignored",
    ),
    (
        "SELECT string_agg(shop, ',' LIMIT 2) AS n FROM t.sold",
        "1:29",
        "`LIMIT` is not supported",
    ),
    (
        "SELECT sum(price) OVER w AS s FROM t.sold",
        "1:24",
        "there is no window `w`",
    ),
    (
        "SELECT id FROM t.sold QUALIFY sum(price) OVER w > 3",
        "1:47",
        "there is no window `w`",
    ),
    (
        "SELECT sum(price) OVER (w PARTITION BY id) AS s FROM t.sold WINDOW w AS (PARTITION BY shop)",
        "1:25",
        "the window `w` has its own PARTITION BY",
    ),
    (
        "SELECT sum(price) OVER (w ORDER BY id) AS s FROM t.sold WINDOW w AS (ORDER BY shop)",
        "1:25",
        "the window `w` has its own ORDER BY",
    ),
    (
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 5) SELECT n FROM r",
        "1:64",
        "`LIMIT` would be ignored",
    ),
    (
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r ORDER BY 1) SELECT n FROM r",
        "1:64",
        "`ORDER BY` would be ignored",
    ),
    (
        "SELECT l.* FROM t.left_keys AS l FULL JOIN t.right_keys AS r USING (k)",
        "1:8",
        "`l.*` beside a merged key has no one meaning",
    ),
    (
        "SELECT a FROM t.doubled EXCEPT BY NAME SELECT a FROM t.fewer",
        "1:32",
        "`BY NAME` is not supported",
    ),
];

#[test]
fn what_would_be_dropped_is_refused_with_its_place_and_a_way() {
    let project = project("guard-refused");
    for (number, (sql, _, _)) in REFUSED.iter().enumerate() {
        project.write(&format!("models/bad/m{number:02}.sql"), sql);
    }
    let printed = project.tsugi("check", &[]).ended(2).stderr;
    let mut wrong = Vec::new();
    for (number, (sql, place, message)) in REFUSED.iter().enumerate() {
        let at = format!("--> models/bad/m{number:02}.sql:{place}\n");
        let found = printed.split("\n\n").find(|finding| finding.contains(&at));
        if !found.is_some_and(|one| one.contains(message) && one.contains("hint: ")) {
            wrong.push((sql, place, message));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{printed}");
}

#[test]
fn queries_and_conditions_are_guarded_too() {
    let project = project("guard-everywhere");
    project.tsugi("run", &[]).ended(0);
    let sql = "SELECT id FROM t.sold FOR UPDATE";
    let refused = project.tsugi("query", &[sql]).ended(2).stderr;
    assert!(refused.contains("`FOR` would be ignored"), "{refused}");
    project.write("checks/none.sql", "SELECT id FROM t.sold PREWHERE id > 9");
    let refused = project.tsugi("check", &[]).ended(2).stderr;
    assert!(refused.contains("checks/none.sql:1:23"), "{refused}");
}

#[test]
fn a_window_that_in_reads_for_a_row_is_refused() {
    let project = project("guard-pulled");
    project.tsugi("run", &[]).ended(0);
    let window = "SELECT row_number() OVER (ORDER BY u.id) AS r FROM t.sold AS u WHERE u.id = t.id";
    let sql = format!("SELECT id FROM t.two AS t WHERE 1 IN ({window})");
    let refused = project.tsugi("query", &[&sql]).ended(2).stderr;
    assert!(
        refused.contains("a condition on a row of the outer query"),
        "{refused}"
    );
    // Windows and outer joins that depend on nothing around them.
    for (sql, rows) in [
        (
            "SELECT id FROM t.two AS t WHERE EXISTS (SELECT 1 FROM (SELECT id, row_number() OVER (ORDER BY id) AS r FROM t.sold) AS q WHERE q.id = t.id AND q.r = 2)",
            vec!["2"],
        ),
        (
            "SELECT t.id, row_number() OVER (ORDER BY t.id DESC) AS r FROM t.two AS t CROSS JOIN LATERAL (SELECT u.id AS v FROM t.sold AS u WHERE u.id = t.id) AS q ORDER BY 1",
            vec!["1,2", "2,1"],
        ),
        (
            "SELECT t.id, q.v FROM t.two AS t LEFT JOIN LATERAL (SELECT u.id AS v FROM t.sold AS u WHERE u.id = t.id AND u.id > 1) AS q ON TRUE ORDER BY 1",
            vec!["1,", "2,2"],
        ),
    ] {
        assert_eq!(super::csv(&project, sql), rows, "{sql}");
    }
}

#[test]
fn a_correlated_join_keeps_columns_of_one_name_apart() {
    let project = project("guard-apart");
    project.tsugi("run", &[]).ended(0);
    let next = "t.sold AS u JOIN t.sold AS z ON z.id = u.id + 1";
    for (sql, rows) in [
        (
            format!("SELECT id FROM t.two AS t WHERE EXISTS (SELECT u.id FROM {next} WHERE z.id = t.id)"),
            vec!["2"],
        ),
        (
            format!("SELECT id FROM t.two AS t WHERE NOT EXISTS (SELECT u.id FROM {next} WHERE z.id = t.id)"),
            vec!["1"],
        ),
        (
            format!("SELECT id FROM t.two AS t WHERE 1 IN (SELECT u.id FROM {next} WHERE z.id = t.id)"),
            vec!["2"],
        ),
        (
            "SELECT id FROM t.two AS t WHERE EXISTS (SELECT u.id FROM t.sold AS u CROSS JOIN t.sold AS z \
             WHERE u.id = t.id AND z.id < t.id)"
                .to_owned(),
            vec!["2"],
        ),
        (
            "SELECT id FROM t.two AS t WHERE EXISTS (SELECT u.id FROM t.two AS u CROSS JOIN t.two AS z \
             WHERE u.id + z.id = t.id)"
                .to_owned(),
            vec!["2"],
        ),
        (
            format!("SELECT t.id, q.id AS u FROM t.two AS t CROSS JOIN LATERAL (SELECT u.id FROM {next} WHERE z.id = t.id) AS q"),
            vec!["2,1"],
        ),
        (
            format!("SELECT t.id, q.id AS u FROM t.two AS t LEFT JOIN LATERAL (SELECT u.id FROM {next} WHERE z.id = t.id) AS q ON TRUE ORDER BY 1"),
            vec!["1,", "2,1"],
        ),
        // What is right without help stays as it is.
        (
            "SELECT id FROM t.two AS t WHERE EXISTS (SELECT DISTINCT u.shop FROM t.sold AS u WHERE u.id > t.id + 3) ORDER BY 1"
                .to_owned(),
            vec!["1"],
        ),
    ] {
        assert_eq!(super::csv(&project, &sql), rows, "{sql}");
    }
}
