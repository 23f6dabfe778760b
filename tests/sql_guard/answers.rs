//! Shapes that DataFusion 55 plans wrongly, with the rows that the standard says.

use super::{csv, project};

/// A query, and its rows in order.
const ANSWERS: &[(&str, &[&str])] = &[
    // Keys of outer joins are merged.
    (
        "SELECT k FROM t.left_keys FULL JOIN t.right_keys USING (k) ORDER BY k, x",
        &["1", "2", "3", "4", "\"\"", "\"\""],
    ),
    (
        "SELECT k, y FROM t.left_keys RIGHT JOIN t.right_keys USING (k) ORDER BY k",
        &["2,200", "3,300", "4,400", ",500"],
    ),
    (
        "SELECT k, count(*) AS n FROM t.left_keys FULL JOIN t.right_keys USING (k) GROUP BY k ORDER BY k",
        &["1,1", "2,1", "3,1", "4,1", ",2"],
    ),
    (
        "SELECT * FROM t.left_keys NATURAL FULL JOIN t.right_keys WHERE k > 2 ORDER BY k",
        &["3,30,300", "4,,400"],
    ),
    (
        "SELECT y FROM t.left_keys FULL JOIN t.right_keys USING (k) WHERE k = 4",
        &["400"],
    ),
    (
        "SELECT l.k AS a, r.k AS b, k FROM t.left_keys AS l FULL JOIN t.right_keys AS r USING (k) WHERE k IS NOT NULL ORDER BY k",
        &["1,,1", "2,2,2", "3,3,3", ",4,4"],
    ),
    (
        "SELECT *, l.k IS NULL AS only_right FROM t.left_keys AS l FULL JOIN t.right_keys AS r USING (k) WHERE k IN (1, 4) ORDER BY k",
        &["1,10,,false", "4,,400,true"],
    ),
    (
        "SELECT left_keys.k FROM t.left_keys RIGHT JOIN t.right_keys USING (k) ORDER BY t.right_keys.k",
        &["2", "3", "\"\"", "\"\""],
    ),
    (
        "SELECT k, z FROM t.left_keys FULL JOIN t.right_keys USING (k) FULL JOIN t.third USING (k) WHERE z IS NOT NULL ORDER BY k",
        &["1,p", "4,q", "5,r"],
    ),
    (
        "SELECT k, z FROM t.left_keys FULL JOIN t.right_keys USING (k) LEFT JOIN t.third USING (k) WHERE k > 2 ORDER BY k",
        &["3,", "4,q"],
    ),
    (
        "SELECT j.k, o.id FROM t.two AS o LEFT JOIN (t.left_keys FULL JOIN t.right_keys USING (k)) AS j ON j.k = o.id + 2 ORDER BY o.id",
        &["3,1", "4,2"],
    ),
    (
        "SELECT k, id FROM t.two LEFT JOIN (t.left_keys FULL JOIN t.right_keys USING (k)) ON k = id + 2 ORDER BY id",
        &["3,1", "4,2"],
    ),
    (
        "SELECT k, (SELECT count(*) FROM t.third AS l WHERE l.k = r.k) AS n FROM t.left_keys AS l FULL JOIN t.right_keys AS r USING (k) WHERE k > 2 ORDER BY k",
        &["3,0", "4,1"],
    ),
    (
        "WITH j AS (SELECT k FROM t.left_keys FULL JOIN t.right_keys USING (k)) SELECT k FROM j WHERE k > 3",
        &["4"],
    ),
    (
        "SELECT max(k) AS m FROM t.left_keys FULL JOIN t.right_keys USING (k) HAVING max(k) = 4",
        &["4"],
    ),
    // Set operations count.
    (
        "SELECT a FROM t.doubled EXCEPT ALL SELECT a FROM t.fewer ORDER BY a",
        &["1", "1", "3", "\"\""],
    ),
    (
        "SELECT a FROM t.doubled INTERSECT ALL SELECT a FROM t.fewer ORDER BY 1",
        &["1", "2", "2", "\"\""],
    ),
    (
        "SELECT a FROM t.doubled EXCEPT ALL SELECT a FROM t.fewer EXCEPT ALL SELECT 1 ORDER BY a",
        &["1", "3", "\"\""],
    ),
    (
        "SELECT id FROM t.sold WHERE id IN (SELECT a FROM t.doubled EXCEPT ALL SELECT a FROM t.fewer) ORDER BY id",
        &["1", "3"],
    ),
    (
        "WITH d AS (SELECT a FROM t.doubled) SELECT count(*) AS n FROM (SELECT * FROM d EXCEPT ALL SELECT a FROM t.fewer) AS q",
        &["4"],
    ),
    (
        "SELECT id, shop FROM t.sold EXCEPT ALL SELECT 1, 'x' ORDER BY id LIMIT 1",
        &["2,x"],
    ),
    (
        "SELECT a FROM t.doubled EXCEPT ALL SELECT 1.0 ORDER BY a LIMIT 2",
        &["1.0", "1.0"],
    ),
    (
        "SELECT a FROM t.doubled MINUS SELECT a FROM t.fewer",
        &["3"],
    ),
    // Named windows keep what they are named for.
    (
        "SELECT id, sum(price) OVER (w ORDER BY id) AS s FROM t.sold WINDOW w AS (PARTITION BY shop) ORDER BY id",
        &["1,5", "2,10", "3,7", "4,9", "5,5"],
    ),
    (
        "SELECT id FROM t.sold QUALIFY sum(price) OVER w > 9 WINDOW w AS (PARTITION BY shop) ORDER BY id",
        &["1", "2"],
    ),
    (
        "SELECT id FROM t.sold WINDOW w AS (PARTITION BY shop ORDER BY id) ORDER BY row_number() OVER w DESC, id",
        &["2", "4", "1", "3", "5"],
    ),
    (
        "SELECT id, sum(price) OVER v AS s FROM t.sold WINDOW w AS (PARTITION BY shop), v AS (w ORDER BY id) ORDER BY id LIMIT 2",
        &["1,5", "2,10"],
    ),
    // FETCH, and steps beside a recursive one.
    (
        "SELECT id FROM t.sold ORDER BY id DESC FETCH FIRST 2 ROWS ONLY",
        &["5", "4"],
    ),
    (
        "SELECT id FROM t.sold ORDER BY id OFFSET 1 ROW FETCH NEXT ROW ONLY",
        &["2"],
    ),
    (
        "WITH RECURSIVE r AS (SELECT id FROM t.sold UNION ALL SELECT 9 ORDER BY 1 DESC LIMIT 2) SELECT id FROM r ORDER BY id",
        &["5", "9"],
    ),
    (
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n FROM r ORDER BY n",
        &["1", "2", "3"],
    ),
    // Nulls of a query that is compared with.
    (
        "SELECT id FROM t.two WHERE 3 NOT IN (SELECT id FROM t.with_null)",
        &[],
    ),
    (
        "SELECT id FROM t.two WHERE NOT (3 IN (SELECT id FROM t.with_null))",
        &[],
    ),
    (
        "SELECT id FROM t.two WHERE (3 NOT IN (SELECT id FROM t.with_null)) IS NULL ORDER BY id",
        &["1", "2"],
    ),
    (
        "SELECT id FROM t.two WHERE id = 1 OR 3 NOT IN (SELECT id FROM t.with_null)",
        &["1"],
    ),
    (
        "SELECT id FROM t.two WHERE CASE WHEN id NOT IN (SELECT id FROM t.with_null) THEN FALSE ELSE TRUE END ORDER BY id",
        &["1", "2"],
    ),
    (
        "SELECT id FROM t.two WHERE 3 NOT IN (SELECT id FROM t.none) ORDER BY id",
        &["1", "2"],
    ),
    (
        "SELECT id FROM t.with_null WHERE id NOT IN (SELECT id FROM t.none) ORDER BY id",
        &["1", "\"\""],
    ),
    (
        "SELECT id FROM t.with_null WHERE id + 1 NOT IN (SELECT id FROM t.none) OR FALSE ORDER BY id",
        &["1", "\"\""],
    ),
    (
        "SELECT o.id FROM t.two AS o WHERE 3 NOT IN (SELECT i.id FROM t.grouped AS i WHERE i.g = o.id)",
        &["1"],
    ),
    (
        "SELECT o.id FROM t.two AS o WHERE o.id NOT IN (SELECT i.id FROM t.grouped AS i WHERE i.g > o.id)",
        &["2"],
    ),
    (
        "SELECT o.id FROM t.two AS o WHERE o.id NOT IN (SELECT i.id FROM t.grouped AS i WHERE i.g = o.id)",
        &[],
    ),
    (
        "SELECT id, id IN (SELECT id FROM t.with_null) AS f FROM t.two ORDER BY id",
        &["1,true", "2,"],
    ),
    (
        "SELECT id, EXISTS (SELECT 1 FROM t.grouped AS i WHERE i.g = o.id) AS f FROM t.two AS o ORDER BY id",
        &["1,true", "2,true"],
    ),
    // ANY and ALL over the same table.
    (
        "SELECT id FROM t.sold WHERE id >= ALL (SELECT id FROM t.sold)",
        &["5"],
    ),
    (
        "SELECT id FROM t.sold WHERE id > ANY (SELECT id FROM t.sold) ORDER BY 1",
        &["2", "3", "4", "5"],
    ),
    (
        "SELECT id FROM t.sold WHERE NOT (id > ANY (SELECT id FROM t.sold))",
        &["1"],
    ),
    (
        "SELECT id FROM t.two WHERE id > ALL (SELECT id FROM t.with_null)",
        &[],
    ),
    (
        "SELECT id FROM t.two WHERE id > ALL (SELECT id FROM t.none) ORDER BY id",
        &["1", "2"],
    ),
    (
        "SELECT shop FROM t.sold GROUP BY shop HAVING sum(price) >= ALL (SELECT sum(price) FROM t.sold GROUP BY shop)",
        &["x"],
    ),
    // A limit counts distinct rows.
    (
        "WITH s(x) AS (SELECT id - 1 FROM t.sold ORDER BY 1 LIMIT 3), u AS (SELECT * FROM s UNION ALL SELECT * FROM s UNION ALL SELECT * FROM s) SELECT DISTINCT x FROM u ORDER BY x LIMIT 3",
        &["0", "1", "2"],
    ),
    // Clauses in their place are honoured.
    (
        "SELECT shop, count(*) AS n FROM t.sold GROUP BY ROLLUP (shop) ORDER BY shop",
        &["x,2", "y,2", "z,1", ",5"],
    ),
    (
        "SELECT lag(x) IGNORE NULLS OVER (ORDER BY x DESC) AS l FROM (VALUES (1), (NULL), (3)) AS v(x) ORDER BY x",
        &["3", "\"\"", "\"\""],
    ),
    (
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price DESC) AS p FROM t.sold",
        &["5.0"],
    ),
    (
        "SELECT count(DISTINCT price) FILTER (WHERE shop <> 'y') AS n FROM t.sold",
        &["1"],
    ),
];

#[test]
fn every_shape_has_the_rows_of_the_standard() {
    let project = project("guard-answers");
    project.tsugi("run", &[]).ended(0);
    let wrong = ANSWERS.iter().filter_map(|(sql, rows)| {
        let found = csv(&project, sql);
        (found != *rows).then(|| format!("{sql}\n  due   {rows:?}\n  found {found:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
