-- Where the products are weak: complaints of each topic per pair shipped, with the exact 95 % interval.
-- `place` ranks within a topic, `weakness` over all, safety before defects before service; both by the lower
-- limit, so that one letter about a pair that hardly sells does not stand first.
WITH shipped AS (
  SELECT product_id, sum(shipped) AS shipped FROM staging.order_lines GROUP BY product_id
),
told AS (
  SELECT topic, severity, product_id, count(*) AS complaints
  FROM staging.complaints WHERE counted AND product_id IS NOT NULL
  GROUP BY topic, severity, product_id
),
rates AS (
  SELECT t.topic, t.severity, t.product_id, event_rate(t.complaints, s.shipped) AS r
  FROM told AS t
  JOIN shipped AS s ON s.product_id = t.product_id
  GROUP BY t.topic, t.severity, t.product_id
)
SELECT r.topic, r.severity, r.product_id, p.name AS product, r.r['events'] AS complaints, r.r['exposure'] AS shipped,
       r.r['rate'] AS rate, r.r['low'] AS rate_low, r.r['high'] AS rate_high,
       rank() OVER (PARTITION BY r.topic ORDER BY r.r['low'] DESC) AS place,
       rank() OVER (ORDER BY CASE r.severity WHEN 'safety' THEN 1 WHEN 'defect' THEN 2 ELSE 3 END, r.r['low'] DESC) AS weakness
FROM rates AS r
JOIN erp.products AS p ON p.product_id = r.product_id
