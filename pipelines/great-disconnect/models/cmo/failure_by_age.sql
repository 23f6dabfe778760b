-- How often pairs fail at which age: complaints per pair and month for each 30 days of age, by product and by lot,
-- with the exact 95 % interval. Pairs count only for the days they have been out, so that young lots
-- can be compared with old ones (a life table). Only topics about the product that the product or lot has at all.
WITH lines AS (
  SELECT kind, unit, age, shipped
  FROM (SELECT CAST($as_of AS INT) - CAST(ordered_on AS INT) AS age, shipped, unnest(make_array('product', 'lot')) AS kind,
               unnest(make_array(product_id, finished_lot)) AS unit FROM staging.order_lines WHERE shipped > 0)
  WHERE unit IS NOT NULL
),
aged AS (
  SELECT kind, unit, age, sum(shipped) AS shipped FROM lines GROUP BY kind, unit, age
),
banded AS (
  SELECT kind, unit, age, shipped, unnest(range(0, least(age, 719) + 1, 30)) AS age_from FROM aged WHERE age >= 0
),
exposed AS (
  SELECT kind, unit, age_from, sum(shipped * least(age + 1 - age_from, 30)) / 30.0 AS pair_months
  FROM banded
  GROUP BY kind, unit, age_from
),
failed AS (
  SELECT kind, unit, topic, severity, age / 30 * 30 AS age_from, count(*) AS complaints
  FROM (SELECT c.topic, c.severity, CAST(c.first_on AS INT) - CAST(o.ordered_on AS INT) AS age,
               unnest(make_array('product', 'lot')) AS kind, unnest(make_array(o.product_id, o.finished_lot)) AS unit
        FROM staging.cases AS c
        JOIN seeds.topics AS k ON k.topic = c.topic AND k.about = 'product'
        JOIN staging.order_lines AS o ON o.order_id = c.order_id AND o.order_line = c.order_line
        WHERE c.counted AND c.first_on >= o.ordered_on AND o.shipped > 0)
  WHERE unit IS NOT NULL
  GROUP BY kind, unit, topic, severity, age / 30 * 30
),
joined AS (
  SELECT t.kind, t.unit, t.topic, t.severity, e.age_from, e.pair_months, coalesce(f.complaints, 0) AS complaints
  FROM (SELECT DISTINCT kind, unit, topic, severity FROM failed) AS t
  JOIN exposed AS e ON e.kind = t.kind AND e.unit = t.unit
  LEFT JOIN failed AS f ON f.kind = t.kind AND f.unit = t.unit AND f.topic = t.topic AND f.age_from = e.age_from
),
rates AS (
  SELECT kind, unit, topic, severity, age_from, max(complaints) AS complaints, max(pair_months) AS pair_months, event_rate(complaints, pair_months) AS r
  FROM joined
  GROUP BY kind, unit, topic, severity, age_from
)
SELECT kind, unit, topic, severity, age_from, age_from + 29 AS age_to, complaints, pair_months,
       r['rate'] AS rate, r['low'] AS rate_low, r['high'] AS rate_high
FROM rates
