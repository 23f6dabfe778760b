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
-- error
SELECT id, sum(id) OVER (ORDER BY g RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM c.scores;
SELECT id, sum(v) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS s FROM c.steps ORDER BY id;
SELECT id, count(v) OVER (PARTITION BY g ORDER BY v RANGE BETWEEN 10 PRECEDING AND 10 FOLLOWING) AS s FROM c.steps ORDER BY id;
SELECT id, sum(v) OVER (ORDER BY v DESC RANGE BETWEEN 5 PRECEDING AND CURRENT ROW) AS s FROM c.steps ORDER BY id;
SELECT id, first_value(v) OVER (ORDER BY v GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS s FROM c.steps ORDER BY id;
SELECT id, last_value(v) OVER w AS l, nth_value(v, 2) OVER w AS n FROM c.steps WINDOW w AS (PARTITION BY g ORDER BY id) ORDER BY id;
SELECT id, avg(pairs) OVER (ORDER BY day RANGE BETWEEN INTERVAL '1 month' PRECEDING AND CURRENT ROW) AS s FROM c.sales ORDER BY id;
SELECT id, lag(v, 1, -1) OVER (PARTITION BY g ORDER BY id) AS l, lead(v, 2) OVER (PARTITION BY g ORDER BY id) AS e FROM c.steps ORDER BY id;
SELECT id, lag(v IGNORE NULLS) OVER (ORDER BY id) AS l FROM c.steps ORDER BY id;
SELECT id, ntile(3) OVER (ORDER BY id) AS t, ntile(20) OVER (ORDER BY id) AS u FROM c.steps ORDER BY id;
SELECT id, count(DISTINCT v) OVER (PARTITION BY g) AS t FROM c.steps ORDER BY id;
SELECT id, sum(v) FILTER (WHERE v > 10) OVER (ORDER BY id) AS t FROM c.steps ORDER BY id;
SELECT g, sum(sum(v)) OVER (ORDER BY g) AS t FROM c.steps GROUP BY g ORDER BY g;
SELECT id, v, row_number() OVER (PARTITION BY g ORDER BY v DESC NULLS LAST, id) AS r FROM c.steps QUALIFY r = 1 ORDER BY id;
SELECT g, max(v) AS m FROM c.steps GROUP BY g QUALIFY row_number() OVER (ORDER BY max(v) DESC) <= 2 ORDER BY g;
SELECT id FROM c.steps QUALIFY count(*) OVER (PARTITION BY v) > 1 ORDER BY id;
SELECT id, sum(CAST(v AS DOUBLE)) OVER (ORDER BY id ROWS 1 PRECEDING) AS s FROM (VALUES (1, 1e300), (2, 1e0), (3, 2e0), (4, CAST('nan' AS DOUBLE)), (5, 1e0), (6, 2e0)) AS t (id, v) ORDER BY id;
SELECT id, avg(v) OVER (ORDER BY id ROWS 1 PRECEDING) AS a FROM (VALUES (1, CAST('inf' AS DOUBLE)), (2, 1e0), (3, 2e0), (4, 4e0)) AS t (id, v) ORDER BY id;
SELECT id, stddev(v) OVER (ORDER BY id ROWS 2 PRECEDING) AS s FROM (VALUES (1, 2500.00), (2, 19.99), (3, 19.99), (4, 19.99), (5, 20.99), (6, 20.99), (7, 20.99)) AS t (id, v) ORDER BY id;
SELECT id, stddev_pop(v) OVER (ORDER BY id ROWS 1 PRECEDING) AS s, var_pop(v) OVER (ORDER BY id ROWS 1 PRECEDING) AS p FROM (VALUES (1, 1e17), (2, 1e0), (3, 2e0), (4, 2e0), (5, 2e0)) AS t (id, v) ORDER BY id;
SELECT id, sum(v) OVER (ORDER BY id ROWS 1 PRECEDING) = 0 AS z FROM (VALUES (1, 0.1e0), (2, 0.2e0), (3, 0.3e0), (4, 0e0), (5, 0e0)) AS t (id, v) ORDER BY id;
SELECT id, bool_or(v > 20) OVER (ORDER BY id ROWS 1 PRECEDING) AS o, bool_and(v > 20) OVER (ORDER BY id ROWS 1 PRECEDING) AS a FROM c.steps ORDER BY id;
SELECT id, sum(v) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING) AS s FROM (SELECT id, CAST(v AS DOUBLE) / 3 AS v FROM c.sixty) AS t ORDER BY id;
-- Frames that slide, of aggregates that cannot take a value away.
SELECT id, string_agg(g, ',') OVER (ORDER BY id ROWS 1 PRECEDING) AS a, any_value(g) OVER (ORDER BY id ROWS 2 PRECEDING) AS b, quantile_disc(v, 0.5) OVER (ORDER BY id ROWS 2 PRECEDING) AS c FROM c.scores ORDER BY id;
SELECT id, bit_or(v) OVER (ORDER BY id ROWS 1 PRECEDING) AS a, bool_and(v > 4) OVER (ORDER BY id ROWS 1 PRECEDING) AS b, string_agg(g, '') FILTER (WHERE v > 4) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS c FROM c.scores ORDER BY id;
SELECT id, string_agg(g, ',') OVER (PARTITION BY v ORDER BY id) AS a, array_agg(id) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING) AS b FROM c.scores ORDER BY id;
