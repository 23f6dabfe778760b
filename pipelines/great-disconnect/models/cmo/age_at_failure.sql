-- How old a pair was, in days since the purchase, when its buyer first complained: the spread by product and by
-- lot for each topic about the product. Only pairs that have failed can be in it, and young pairs can only have
-- failed young: `median_age_of_pairs` shows how long the pairs sold have been out. cmo.failure_by_age allows for it.
WITH failed AS (
  SELECT c.topic, c.severity, o.product_id, o.finished_lot, CAST(c.first_on AS INT) - CAST(o.ordered_on AS INT) AS age
  FROM staging.cases AS c
  JOIN seeds.topics AS k ON k.topic = c.topic AND k.about = 'product'
  JOIN staging.order_lines AS o ON o.order_id = c.order_id AND o.order_line = c.order_line
  WHERE c.counted AND c.first_on >= o.ordered_on
),
units AS (
  SELECT topic, severity, age, unnest(make_array('product', 'lot')) AS kind, unnest(make_array(product_id, finished_lot)) AS unit FROM failed
),
pairs AS (
  SELECT kind, unit, median(CAST(age AS DOUBLE)) AS age
  FROM (SELECT CAST($as_of AS INT) - CAST(ordered_on AS INT) AS age, unnest(make_array('product', 'lot')) AS kind,
               unnest(make_array(product_id, finished_lot)) AS unit FROM staging.order_lines WHERE shipped > 0)
  WHERE unit IS NOT NULL
  GROUP BY kind, unit
)
SELECT u.kind, u.unit, u.topic, u.severity, count(*) AS failures, min(u.age) AS youngest,
       percentile_cont(0.25) WITHIN GROUP (ORDER BY CAST(u.age AS DOUBLE)) AS quarter, median(CAST(u.age AS DOUBLE)) AS half,
       percentile_cont(0.75) WITHIN GROUP (ORDER BY CAST(u.age AS DOUBLE)) AS three_quarters, max(u.age) AS oldest,
       max(p.age) AS median_age_of_pairs
FROM units AS u
JOIN pairs AS p ON p.kind = u.kind AND p.unit = u.unit
WHERE u.unit IS NOT NULL
GROUP BY u.kind, u.unit, u.topic, u.severity
