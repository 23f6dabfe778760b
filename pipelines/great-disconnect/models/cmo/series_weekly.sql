-- One row for every product, region and week (from Monday), also where nothing happened: what was sold and what
-- it brought, what was written, complained about, returned and claimed in that week. `whole` is false for a week
-- that is not over by the day that is asked about. Texts that name no product or region are not in it
-- (cmo.sentiment_weekly has them).
WITH events AS (
  SELECT product_id, region, ordered_on AS day, shipped, shipped * unit_price_eur AS revenue, shipped * (unit_price_eur - unit_cost_eur) AS margin,
         0 AS texts, 0 AS complaints, 0 AS returned, 0 AS claimed
  FROM staging.order_lines
  UNION ALL
  SELECT product_id, region, created_on, 0, 0.0, 0.0, 1, 0, 0, 0 FROM staging.interactions WHERE by_people
  UNION ALL
  SELECT product_id, region, created_on, 0, 0.0, 0.0, 0, 1, 0, 0 FROM staging.complaints WHERE counted
  UNION ALL
  SELECT o.product_id, o.region, r.returned_on, 0, 0.0, 0.0, 0, 0, r.quantity, 0
  FROM staging.returns AS r JOIN staging.order_lines AS o ON o.order_id = r.order_id AND o.order_line = r.order_line
  UNION ALL
  SELECT o.product_id, o.region, c.claimed_on, 0, 0.0, 0.0, 0, 0, 0, c.quantity
  FROM staging.claims AS c JOIN staging.order_lines AS o ON o.order_id = c.order_id AND o.order_line = c.order_line
),
weeks AS (
  SELECT DISTINCT CAST(date_trunc('week', ordered_on) AS DATE) AS day FROM staging.order_lines
),
filled AS (
  SELECT * FROM events
  UNION ALL
  SELECT p.product_id, r.region, w.day, 0, 0.0, 0.0, 0, 0, 0, 0
  FROM (SELECT DISTINCT product_id FROM staging.order_lines) AS p
  CROSS JOIN (SELECT DISTINCT region FROM staging.order_lines) AS r
  CROSS JOIN weeks AS w
)
SELECT product_id AS product, region, CAST(date_trunc('week', day) AS DATE) AS week,
       CAST(date_trunc('week', day) AS DATE) + INTERVAL '6 days' <= $as_of AS whole,
       sum(shipped) AS shipped, CAST(sum(CAST(revenue AS DECIMAL(20, 6))) AS DOUBLE) AS revenue_eur, CAST(sum(CAST(margin AS DECIMAL(20, 6))) AS DOUBLE) AS margin_eur, sum(texts) AS texts, sum(complaints) AS complaints,
       sum(returned) AS returned, sum(claimed) AS claimed
FROM filled
WHERE product_id IS NOT NULL AND region IS NOT NULL
GROUP BY product_id, region, CAST(date_trunc('week', day) AS DATE)
