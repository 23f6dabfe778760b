-- Growth beside complaints and margin: by product and month of the order (and for all), what was
-- sold and earned, how much more than in the month before, how many of these very pairs led to a
-- complaint so far, with the exact 95 % interval, and what remains of the margin when the money
-- for returned pairs, the cost of warranty and the month's share of advertising are subtracted.
-- Young months have had less time for complaints: compare months of the same age, or see
-- cmo.failure_by_age.
-- @column product_id: The product, or all.
-- @column product: Its name, or all.
-- @column month: The first day of the month.
-- @column shipped: Pairs shipped.
-- @column revenue_eur: What the shipped pairs were sold for, in euros.
-- @column growth: Revenue over that of the month before, less one.
-- @column margin_eur: Revenue less the cost of the pairs, in euros.
-- @column margin_share: Margin as a share of revenue.
-- @column returned: Pairs that came back.
-- @column refunded_eur: Money for returned pairs, in euros.
-- @column margin_after_returns_eur: Margin less the money for returned pairs, in euros.
-- @column warranty_eur: Cost of pairs claimed under warranty, in euros.
-- @column marketing_eur: Advertising for the product in the month, in euros: its cost by days.
-- @column net_eur: Margin less returned money, warranty and advertising, in euros.
-- @column complaints: Cases about these very pairs so far.
-- @column complaint_rate: Cases per pair shipped.
-- @column complaint_rate_low: Lower end of its exact 95 % interval.
-- @column complaint_rate_high: Upper end of its exact 95 % interval.
WITH
line_complaints AS (
  SELECT c.order_id, c.order_line, count(*) AS line_complaints
  FROM staging.cases AS c
  JOIN seeds.topics AS t ON t.topic = c.topic
  WHERE c.counted AND c.order_id IS NOT NULL AND t.about <> 'demand'
  GROUP BY c.order_id, c.order_line
),
product_lines AS (
  SELECT
    CAST(date_trunc('month', o.ordered_on) AS DATE) AS month,
    unnest(make_array('all', o.product_id)) AS product_id,
    o.shipped,
    o.shipped * o.unit_price_eur AS revenue,
    o.shipped * (o.unit_price_eur - o.unit_cost_eur) AS margin,
    o.returned,
    o.returned * o.unit_price_eur AS refunded,
    o.claimed * o.unit_cost_eur AS warranty,
    coalesce(c.line_complaints, 0) AS complaints
  FROM staging.order_lines AS o
  LEFT JOIN line_complaints AS c USING (order_id, order_line)
),
-- Money is summed in decimals: the sum is then the same in whichever order the rows come.
product_months AS (
  SELECT
    product_id,
    month,
    sum(shipped) AS shipped,
    exact_sum(revenue) AS revenue,
    exact_sum(margin) AS margin,
    sum(returned) AS returned,
    exact_sum(refunded) AS refunded,
    exact_sum(warranty) AS warranty,
    sum(complaints) AS complaints,
    event_rate(complaints, shipped) AS rate
  FROM product_lines
  GROUP BY product_id, month
),
-- Each month takes the days of a claim that lie in it.
claim_months AS (
  SELECT
    unnest(make_array('all', c.product_id)) AS product_id,
    m.month,
    c.spend AS cost,
    days_between(c.valid_from, c.valid_to) + 1 AS days,
    days_between(
      greatest(c.valid_from, m.month),
      least(
        c.valid_to,
        CAST(m.month + INTERVAL '1 month' - INTERVAL '1 day' AS DATE),
        $as_of
      )
    ) + 1 AS days_here
  FROM crm.claims AS c
  JOIN
    product_months AS m ON m.product_id = 'all'
    AND c.valid_from < CAST(m.month + INTERVAL '1 month' AS DATE)
    AND c.valid_to >= m.month
  WHERE c.valid_from <= $as_of
),
spend_months AS (
  SELECT product_id, month, exact_sum(cost * days_here / days) AS spend
  FROM claim_months
  GROUP BY product_id, month
)
SELECT
  m.product_id,
  coalesce(trim(p.name), 'all') AS product,
  m.month,
  m.shipped,
  m.revenue AS revenue_eur,
  m.revenue / nullif(lag(m.revenue) OVER by_month, 0) - 1 AS growth,
  m.margin AS margin_eur,
  m.margin / nullif(m.revenue, 0) AS margin_share,
  m.returned,
  m.refunded AS refunded_eur,
  m.margin - m.refunded AS margin_after_returns_eur,
  m.warranty AS warranty_eur,
  coalesce(s.spend, 0) AS marketing_eur,
  m.margin - m.refunded - m.warranty - coalesce(s.spend, 0) AS net_eur,
  m.complaints,
  m.rate['rate'] AS complaint_rate,
  m.rate['low'] AS complaint_rate_low,
  m.rate['high'] AS complaint_rate_high
FROM product_months AS m
LEFT JOIN erp.products AS p ON p.product_id = m.product_id
LEFT JOIN spend_months AS s ON s.product_id = m.product_id AND s.month = m.month
WINDOW by_month AS (PARTITION BY m.product_id ORDER BY m.month)
