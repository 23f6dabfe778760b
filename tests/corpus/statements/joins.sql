-- Joins beyond the grid.
SELECT k, o.x, n.y, p.x AS z FROM c.old_keys AS o JOIN c.new_keys AS n USING (k) JOIN c.old_keys AS p USING (k);
SELECT * FROM c.old_keys AS o JOIN c.new_keys AS n ON o.k = n.k;
SELECT o.*, n.y FROM c.old_keys AS o LEFT JOIN c.new_keys AS n ON o.k = n.k;
SELECT coalesce(o.k, n.k, t.id) AS k FROM c.old_keys AS o FULL JOIN c.new_keys AS n ON o.k = n.k FULL JOIN c.three AS t ON coalesce(o.k, n.k) = t.id;
SELECT o.k FROM c.old_keys AS o LEFT JOIN c.new_keys AS n ON o.k = n.k WHERE n.k IS NULL;
SELECT o.k, n.y FROM c.old_keys AS o LEFT JOIN c.new_keys AS n ON o.k = n.k WHERE (n.y > 250) IS NOT TRUE;
SELECT o.k, n.y FROM c.old_keys AS o LEFT JOIN c.new_keys AS n ON o.k = n.k WHERE (n.y IS NULL OR n.y > 250) IS TRUE;
-- duckdb: SELECT o.k FROM c.old_keys AS o LEFT JOIN c.new_keys AS n ON o.k = n.k WHERE (n.y > 250) IS NULL
SELECT o.k FROM c.old_keys AS o LEFT JOIN c.new_keys AS n ON o.k = n.k WHERE (n.y > 250) IS UNKNOWN;
SELECT o.k FROM c.old_keys AS o LEFT JOIN c.new_keys AS n ON o.k = n.k WHERE coalesce(n.y, 0) = 0;
SELECT count(*) AS n FROM c.gaps_a AS a JOIN c.gaps_b AS b ON a.id IS NOT DISTINCT FROM b.id;
SELECT a.id, a.z FROM c.gaps_a AS a LEFT JOIN c.gaps_b AS b ON a.id = b.id WHERE b.id IS NULL;
SELECT a.id, b.id AS b FROM c.three AS a JOIN c.three AS b ON a.id < b.id;
SELECT a.id, b.id AS b, t.id AS t FROM c.three AS a, c.few AS b CROSS JOIN c.few AS t WHERE a.id = b.id + t.id;
-- duckdb: SELECT o.k FROM c.old_keys AS o SEMI JOIN c.new_keys AS n ON o.k = n.k
SELECT o.k FROM c.old_keys AS o LEFT SEMI JOIN c.new_keys AS n ON o.k = n.k;
-- duckdb: SELECT o.k FROM c.old_keys AS o ANTI JOIN c.new_keys AS n ON o.k = n.k
SELECT o.k FROM c.old_keys AS o LEFT ANTI JOIN c.new_keys AS n ON o.k = n.k;
SELECT s.id, p.region FROM c.sales AS s LEFT JOIN c.shops AS p ON s.shop = p.shop;
SELECT p.region, sum(s.pairs) AS n FROM c.shops AS p LEFT JOIN c.sales AS s ON s.shop = p.shop GROUP BY p.region;
SELECT s.id, p.region FROM c.sales AS s FULL JOIN c.shops AS p ON s.shop = p.shop AND p.region = 'south';
SELECT a.id FROM c.three AS a JOIN c.digits AS b ON CAST(a.id AS VARCHAR) = b.s;
SELECT a.id, b.id AS b FROM c.three AS a LEFT JOIN c.three AS b ON a.id = b.id AND b.id <> 2 WHERE a.id <> 3;
SELECT count(*) AS n FROM c.readings AS a JOIN c.readings AS b ON a.x = b.x;
SELECT a.id, b.id AS b FROM c.readings AS a JOIN c.readings AS b ON a.x > b.x;
SELECT s.id, d.id AS d FROM c.sales AS s JOIN c.days AS d ON s.day = d.d;
SELECT s.id, d.id AS d FROM c.sales AS s JOIN c.days AS d ON s.day BETWEEN d.d AND d.d + INTERVAL '40 days';
SELECT m.id, d.id AS d FROM c.moments AS m JOIN c.days AS d ON CAST(m.seen AS DATE) = d.d;
-- duckdb: SELECT x.id, q.id AS q FROM c.three AS x, LATERAL (SELECT s.id FROM c.sales AS s WHERE s.shop = x.id) AS q
SELECT x.id, q.id AS q FROM c.three AS x CROSS APPLY (SELECT s.id FROM c.sales AS s WHERE s.shop = x.id) AS q;
SELECT o.k, n.y FROM c.old_keys AS o ASOF JOIN c.new_keys AS n ON o.k >= n.k;
SELECT id, u FROM c.lists, unnest(l) AS w (u);
SELECT id, u FROM c.lists CROSS JOIN unnest(l) AS w (u);
SELECT id, u FROM c.lists LEFT JOIN unnest(l) AS w (u) ON true;
SELECT id, unnest(l) AS u FROM c.lists;
SELECT id, unnest(l) AS u FROM c.lists WHERE l IS NOT NULL;
-- duckdb: SELECT u, o FROM unnest(['a', 'b']) WITH ORDINALITY AS w (u, o)
SELECT u, o FROM unnest(make_array('a', 'b')) WITH ORDINALITY AS w (u, o);
SELECT id FROM c.few SEMI JOIN c.three USING (id) ORDER BY id;
SELECT three.id FROM c.three ANTI JOIN c.few ON three.id = few.id ORDER BY id;
SELECT id, x FROM c.lists, unnest(l) AS t(x) ORDER BY id, x;
SELECT l.id, t.x FROM c.lists AS l CROSS JOIN unnest(l.l) AS t(x) ORDER BY 1, 2;
-- Lists of the rows beside them.
SELECT t.id, u.x FROM c.lists AS t, unnest(t.l) AS u (x) ORDER BY t.id, u.x;
SELECT t.id, u.x FROM c.lists AS t LEFT JOIN unnest(t.l) AS u (x) ON true ORDER BY t.id, u.x;
SELECT t.id, x, s.g FROM c.lists AS t CROSS JOIN unnest([t.id, t.id + 1]) AS u (x) JOIN c.scores AS s ON s.id = u.x ORDER BY t.id, x;
SELECT a.id, b.id AS o, x FROM c.few AS a, c.few AS b, unnest([a.id, b.id * 10]) AS u (x) WHERE x > 1 ORDER BY a.id, o, x;
SELECT sum(x) AS n FROM c.lists, unnest(l) AS u (x);
