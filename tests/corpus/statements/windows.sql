-- Windows beyond the grid.
SELECT id, ntile(4) OVER (ORDER BY id) AS a, ntile(10) OVER (ORDER BY id) AS b FROM c.steps;
SELECT id, rank() OVER (ORDER BY v) AS a, dense_rank() OVER (ORDER BY v DESC) AS b, percent_rank() OVER (ORDER BY v) AS c, cume_dist() OVER (ORDER BY v) AS d FROM c.scores;
SELECT id, lag(v, 1, 0) OVER (PARTITION BY g ORDER BY id) AS a, lead(v) OVER (ORDER BY id) AS b FROM c.steps;
-- duckdb: SELECT id, lag(v IGNORE NULLS) OVER (ORDER BY id) AS a FROM c.steps
SELECT id, lag(v) IGNORE NULLS OVER (ORDER BY id) AS a FROM c.steps;
-- duckdb: SELECT id, last_value(v IGNORE NULLS) OVER (PARTITION BY g ORDER BY id) AS a FROM c.steps
SELECT id, last_value(v) IGNORE NULLS OVER (PARTITION BY g ORDER BY id) AS a FROM c.steps;
SELECT id, nth_value(v, 2) OVER (PARTITION BY g ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS a FROM c.steps;
SELECT id, median(v) OVER (PARTITION BY g ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS a FROM c.steps;
SELECT id, count(DISTINCT v) OVER (PARTITION BY g) AS a, sum(DISTINCT v) OVER (PARTITION BY g) AS b FROM c.steps;
SELECT id, count(*) FILTER (WHERE v > 30) OVER (PARTITION BY g) AS a FROM c.steps;
SELECT id, sum(v) OVER w AS a, min(v) OVER w AS b FROM c.steps WINDOW w AS (PARTITION BY g ORDER BY id);
SELECT id, count(*) OVER (ORDER BY d RANGE BETWEEN INTERVAL '40 days' PRECEDING AND CURRENT ROW) AS a FROM c.days WHERE d IS NOT NULL;
SELECT id, count(*) OVER (ORDER BY v NULLS FIRST RANGE BETWEEN 10 PRECEDING AND CURRENT ROW) AS a FROM c.steps;
SELECT id, sum(v) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) AS a FROM c.steps;
SELECT id, g FROM c.steps QUALIFY row_number() OVER (PARTITION BY g ORDER BY id DESC) = 1;
SELECT id, row_number() OVER (PARTITION BY g ORDER BY id DESC) AS r FROM c.steps QUALIFY r = 1;
SELECT g, max(v) AS m FROM c.steps GROUP BY g QUALIFY rank() OVER (ORDER BY max(v) DESC NULLS LAST) = 1;
SELECT id FROM (SELECT id, rank() OVER (PARTITION BY g ORDER BY v) AS r FROM c.scores) AS q WHERE r <= 1;
SELECT g, sum(v) AS s, sum(sum(v)) OVER () AS t FROM c.steps GROUP BY g;
SELECT id FROM c.scores ORDER BY row_number() OVER (ORDER BY v DESC, id);
SELECT rank() OVER (PARTITION BY NULL ORDER BY id) AS a FROM c.three;
SELECT sum(id) OVER (ORDER BY NULL) AS a FROM c.three;
SELECT id, v - lag(v) OVER (ORDER BY id) AS a, v * 100.0 / sum(v) OVER () AS b FROM c.scores;
SELECT id, first_value(v) OVER (PARTITION BY g ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS a FROM c.steps;
SELECT id, avg(v) OVER (ORDER BY id ROWS 2 PRECEDING) AS a FROM c.steps;
SELECT id, string_agg(g, ',') OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS a FROM c.scores;
