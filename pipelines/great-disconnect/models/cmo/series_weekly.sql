-- One row for every product, region and week (from Monday), also where nothing happened: what was
-- sold and what it brought, what was written and how glad it sounds, with the interval of the share
-- that is negative (a week with three texts says little, and shows it), and what was complained
-- about, returned and claimed. `whole` is false for a week that is not over by `$as_of`. Texts that
-- name no product or region are under `not named` and `not known`.
-- @column product: The product, or not named.
-- @column region: The region, or not known.
-- @column week: The Monday of the week.
-- @column whole: Whether the week is over.
-- @column shipped: Pairs shipped.
-- @column revenue_eur: What the shipped pairs were sold for, in euros.
-- @column margin_eur: Revenue less the cost of the pairs, in euros.
-- @column texts: Texts that people wrote.
-- @column understood: How many of these have a sentiment.
-- @column mean_sentiment: Mean sentiment of these, -1 to 1.
-- @column negative_share: Share of these that sound bad.
-- @column negative_low: Lower end of Wilson's 95 % interval of the share.
-- @column negative_high: Upper end of Wilson's 95 % interval of the share.
-- @column complaints: Complaints, each person and thing counted once.
-- @column returned: Pairs that came back.
-- @column claimed: Pairs claimed under warranty.
WITH
events AS (
  SELECT
    product_id,
    region,
    ordered_on AS day,
    shipped,
    shipped * unit_price_eur AS revenue,
    shipped * (unit_price_eur - unit_cost_eur) AS margin
  FROM staging.order_lines
  UNION ALL BY NAME
  SELECT
    product_id,
    region,
    created_on AS day,
    1 AS texts,
    sentiment,
    sentiment <= -0.05 AS negative
  FROM staging.interactions
  WHERE by_people
  UNION ALL BY NAME
  SELECT product_id, region, created_on AS day, 1 AS complaints
  FROM staging.complaints
  WHERE counted
  UNION ALL BY NAME
  SELECT
    o.product_id,
    o.region,
    a.happened_on AS day,
    CASE WHEN a.kind = 'return' THEN a.quantity END AS returned,
    CASE WHEN a.kind = 'claim' THEN a.quantity END AS claimed
  FROM staging.after_sales AS a
  JOIN staging.order_lines AS o USING (order_id, order_line)
  WHERE a.kind IN ('return', 'claim')
  UNION ALL BY NAME
  -- Every product and region in every week of sales.
  SELECT p.product_id, r.region, w.day
  FROM (SELECT DISTINCT product_id FROM staging.order_lines) AS p
  CROSS JOIN (SELECT DISTINCT region FROM staging.order_lines) AS r
  CROSS JOIN (
    SELECT DISTINCT CAST(date_trunc('week', ordered_on) AS DATE) AS day
    FROM staging.order_lines
  ) AS w
),
weeks AS (
  SELECT
    coalesce(product_id, 'not named') AS product,
    coalesce(region, 'not known') AS region,
    CAST(date_trunc('week', day) AS DATE) AS week,
    coalesce(sum(shipped), 0) AS shipped,
    coalesce(exact_sum(revenue), 0) AS revenue_eur,
    coalesce(exact_sum(margin), 0) AS margin_eur,
    coalesce(sum(texts), 0) AS texts,
    coalesce(sum(complaints), 0) AS complaints,
    coalesce(sum(returned), 0) AS returned,
    coalesce(sum(claimed), 0) AS claimed,
    count(sentiment) AS understood,
    avg(sentiment) AS mean_sentiment,
    proportion(negative) AS negative
  FROM events
  GROUP BY
    coalesce(product_id, 'not named'),
    coalesce(region, 'not known'),
    CAST(date_trunc('week', day) AS DATE)
)
SELECT
  product,
  region,
  week,
  week + INTERVAL '6 days' <= $as_of AS whole,
  shipped,
  revenue_eur,
  margin_eur,
  texts,
  understood,
  mean_sentiment,
  negative['share'] AS negative_share,
  negative['low'] AS negative_low,
  negative['high'] AS negative_high,
  complaints,
  returned,
  claimed
FROM weeks
