-- Clauses: what must work, and what must be refused and not be ignored.
SELECT id, g FROM c.scores ORDER BY g DESC, id LIMIT 2 OFFSET 1;
SELECT id FROM c.scores ORDER BY v, id LIMIT 0;
SELECT id FROM c.scores ORDER BY ALL;
SELECT g, v FROM c.scores ORDER BY ALL DESC;
FROM c.three;
FROM c.three SELECT id WHERE id > 1;
FROM c.scores SELECT g, sum(v) AS s GROUP BY g;
WITH x AS (FROM c.few) FROM x;
SELECT * EXCLUDE (v) FROM c.scores ORDER BY id;
-- duckdb: SELECT * EXCLUDE (v) FROM c.scores ORDER BY id
SELECT * EXCEPT (v) FROM c.scores ORDER BY id;
SELECT * REPLACE (v * 2 AS v) FROM c.scores ORDER BY id;
SELECT * RENAME (v AS w) FROM c.scores ORDER BY id;
SELECT * FROM (SELECT g, v FROM c.scores) PIVOT (sum(v) FOR g IN ('x', 'y', 'z'));
SELECT * FROM c.scores PIVOT (sum(v) FOR g IN ('x', 'y'));
SELECT * FROM c.scores PIVOT (sum(v) AS s, count(v) AS n FOR g IN ('x' AS ex, 'y' AS why));
SELECT * FROM (SELECT 1 AS a, 2 AS b) UNPIVOT (val FOR name IN (a, b));
SELECT * FROM (SELECT 7 AS k, 1 AS a, CAST(NULL AS INT) AS b) UNPIVOT (val FOR name IN (a, b));
SELECT * FROM (SELECT 7 AS k, 1 AS a, CAST(NULL AS INT) AS b) UNPIVOT INCLUDE NULLS (val FOR name IN (a, b));
SELECT sum(CASE WHEN g = 'x' THEN v END) AS x, sum(CASE WHEN g = 'y' THEN v END) AS y FROM c.scores;
SELECT id * 2 AS e FROM c.three WHERE e > 2;
SELECT id * 2 AS e, e + 1 AS f FROM c.three;
SELECT id % 2 AS odd, count(*) AS n FROM c.three GROUP BY odd HAVING odd = 1;
SELECT g, max(v) AS v FROM c.scores GROUP BY g HAVING max(v) > 5;
SELECT id AS "select", g AS "Ordnung" FROM c.scores ORDER BY "select";
SELECT q."a.b" AS x FROM (SELECT 1 AS "a.b") AS q;
SELECT 数 + 1 AS 結果 FROM (SELECT 1 AS 数) AS q;
SELECT ID, Id AS "Big" FROM C.Three;
SELECT a AS b, b AS a FROM (SELECT 1 AS a, 2 AS b) AS q;
SELECT id FROM c.three UNION ALL SELECT 0 ORDER BY 1 DESC LIMIT 2;
SELECT 1 AS a UNION SELECT 2 INTERSECT SELECT 2;
SELECT x FROM (SELECT CAST(1 AS INT) AS x UNION ALL SELECT CAST(2.5 AS DOUBLE)) AS q;
SELECT x, y FROM (SELECT 1 AS x, NULL AS y UNION ALL SELECT 2, 'a') AS q;
WITH s (x) AS (SELECT id - 1 FROM c.three ORDER BY 1 LIMIT 3), u AS (SELECT * FROM s UNION ALL SELECT * FROM s UNION ALL SELECT * FROM s) SELECT DISTINCT x FROM u ORDER BY x LIMIT 3;
SELECT * FROM (SELECT id FROM c.three ORDER BY id LIMIT 2) AS q ORDER BY id OFFSET 1;
SELECT id FROM c.three ORDER BY -id;
-- error
SELECT id FROM c.scores SETTINGS max_threads = 1;
-- error
SELECT id FROM c.scores FORMAT JSON;
-- error
SELECT id FROM c.scores FOR XML AUTO;
-- duckdb: SELECT id FROM c.scores WITH (NOLOCK)
-- error
SELECT id FROM c.scores WITH (NOLOCK);
-- error
SELECT id FROM c.scores PARTITION (p0);
-- error
SELECT id FROM c.scores START WITH id = 1 CONNECT BY PRIOR id = id - 1;
-- error
SELECT g, count(*) AS n FROM c.scores GROUP BY g WITH TOTALS;
-- duckdb: SELECT id FROM c.scores PREWHERE (id = 1)
-- error
SELECT id FROM c.scores PREWHERE id = 1;
-- error
SELECT id FROM c.scores USE INDEX (a);
-- error
SELECT id FROM c.three ORDER BY id WITH FILL FROM 0 TO 5;
-- error
SELECT id, g FROM c.scores LIMIT 1 BY g;
-- error
SELECT id FROM c.scores FOR SYSTEM_TIME AS OF '2020-01-01';
-- error
SELECT id FROM c.scores SORT BY id DESC;
-- error
SELECT id FROM c.scores CLUSTER BY id;
-- error
SELECT id FROM c.scores DISTRIBUTE BY id;
-- error
SELECT HIGH_PRIORITY id FROM c.scores;
-- duckdb: SELECT id FROM c.scores ORDER BY id LIMIT 2
SELECT TOP 2 id FROM c.scores ORDER BY id;
SELECT id FROM c.scores ORDER BY id FETCH FIRST 2 ROWS ONLY;
-- duckdb: SELECT id, unnest(l) AS x FROM c.lists
SELECT id, x FROM c.lists LATERAL VIEW explode(l) e AS x;
SELECT count(*) AS n FROM c.scores TABLESAMPLE SYSTEM (100 PERCENT);
-- duckdb: SELECT l[1] AS a, l[-1] AS b, l[9] AS e, len(l) AS f FROM c.lists WHERE id = 1
SELECT l[1] AS a, l[-1] AS b, l[9] AS e, cardinality(l) AS f FROM c.lists WHERE id = 1;
SELECT id FROM c.lists WHERE array_has(l, 5);
-- duckdb: SELECT id FROM c.three WHERE id = ANY ([1, 3])
SELECT id FROM c.three WHERE id = ANY (make_array(1, 3));
-- duckdb: SELECT 1 AS x
SELECT named_struct('a', 1, 'b', 'x')['a'] AS x;
-- duckdb: SELECT q.s.a AS x FROM (SELECT {'a': 1} AS s) AS q
SELECT q.s.a AS x FROM (SELECT named_struct('a', 1) AS s) AS q;
-- duckdb: SELECT unnest([1, 2, 3]) AS a
SELECT unnest(make_array(1, 2, 3)) AS a;
SELECT id FROM c.three WHERE true AND id IS NOT NULL AND NOT false;
SELECT if(id > 1, 'more', 'one') AS x FROM c.three;
-- duckdb: SELECT ifnull(NULL, 2) AS x
SELECT nvl(NULL, 2) AS x;
-- AND and OR compute the right side only where the left side leaves it open.
SELECT id, v <> 5 AND 100 / (v - 5) > 10 AS a, v = 5 OR 100 / (v - 5) > 10 AS b FROM c.scores ORDER BY id;
SELECT q FROM (VALUES (0), (5), (NULL)) AS t (q) WHERE q <> 0 AND 100 / q > 10;
SELECT q FROM (VALUES ('x'), ('5'), (NULL)) AS t (q) WHERE q <> 'x' AND CAST(q AS INT) > 1;
SELECT q = 0 OR 100 / q > 10 AS a, q <> 0 AND 100 / q > 10 AND q < 9 AS b, NOT (q = 0 OR 10 / q = 2) AS c FROM (VALUES (0), (5), (NULL)) AS t (q) ORDER BY q;
-- Names behind a table.
WITH f (a, b) AS (SELECT 1, 1) SELECT a, b FROM f;
WITH RECURSIVE f (n, a, b) AS (SELECT 1, 0, 1 UNION ALL SELECT n + 1, b, a + b FROM f WHERE n < 5) SELECT n, a, b FROM f ORDER BY n;
SELECT a, b FROM (SELECT g, g FROM c.scores WHERE id = 1) AS t (a, b);
-- PIVOT counts what is NULL where NULL is listed.
SELECT * FROM (SELECT b, 1 AS n FROM c.lookup WHERE k < 20) PIVOT (sum(n) FOR b IN (13, NULL));
