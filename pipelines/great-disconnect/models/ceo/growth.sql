-- Growth beside complaints and margin: by product and month of the order (and for all), what was sold and earned,
-- how much more than in the month before, how many of these very pairs led to a complaint so far, with the exact
-- 95 % interval, and what is left of the margin when the money for returned pairs is taken off. Young months have
-- had less time to be complained about: compare months of the same age, or see cmo.failure_by_age.
WITH told AS (
  SELECT c.order_id, c.order_line, count(*) AS said
  FROM staging.cases AS c
  JOIN seeds.topics AS k ON k.topic = c.topic AND k.about <> 'demand'
  WHERE c.counted AND c.order_id IS NOT NULL
  GROUP BY c.order_id, c.order_line
),
lines AS (
  SELECT CAST(date_trunc('month', o.ordered_on) AS DATE) AS month, unnest(make_array('all', o.product_id)) AS product_id, o.shipped,
         o.shipped * o.unit_price_eur AS revenue, o.shipped * (o.unit_price_eur - o.unit_cost_eur) AS margin, o.returned,
         o.returned * o.unit_price_eur AS refunded, coalesce(t.said, 0) AS complaints
  FROM staging.order_lines AS o
  LEFT JOIN told AS t ON t.order_id = o.order_id AND t.order_line = o.order_line
),
-- Money is summed in decimals: the sum is then the same in whichever order the rows come.
months AS (
  SELECT product_id, month, sum(shipped) AS shipped, CAST(sum(CAST(revenue AS DECIMAL(20, 6))) AS DOUBLE) AS revenue, CAST(sum(CAST(margin AS DECIMAL(20, 6))) AS DOUBLE) AS margin, sum(returned) AS returned,
         CAST(sum(CAST(refunded AS DECIMAL(20, 6))) AS DOUBLE) AS refunded, sum(complaints) AS complaints
  FROM lines
  GROUP BY product_id, month
),
rates AS (
  SELECT product_id, month, event_rate(complaints, shipped) AS r FROM months GROUP BY product_id, month
)
SELECT m.product_id, coalesce(p.name, 'all') AS product, m.month, m.shipped, m.revenue AS revenue_eur,
       m.revenue / nullif(lag(m.revenue) OVER (PARTITION BY m.product_id ORDER BY m.month), 0) - 1 AS growth,
       m.margin AS margin_eur, m.margin / nullif(m.revenue, 0) AS margin_share, m.returned, m.refunded AS refunded_eur,
       m.margin - m.refunded AS margin_after_returns_eur, m.complaints,
       r.r['rate'] AS complaint_rate, r.r['low'] AS complaint_rate_low, r.r['high'] AS complaint_rate_high
FROM months AS m
JOIN rates AS r ON r.product_id = m.product_id AND r.month = m.month
LEFT JOIN staging.products AS p ON p.product_id = m.product_id
