-- What an advertisement promised, what it cost and brought, and how many of the pairs sold under
-- that promise led to a complaint that contradicts it (seeds/claim_topics.csv says which topics
-- contradict which promise): for the whole country (`region` is 'all') and for each of its regions,
-- beside other products sold there in the same days. `growth` holds the units sold under the
-- promise against as many days before it; blank when the data begin too late for that. `finding` is
-- about the whole country only; what ceo.promise_facts measures comes first.
-- @column claim_id: The advertisement.
-- @column claim: What it promises.
-- @column product_id: The product.
-- @column country: The country of the promise.
-- @column region: The region, or all for the country.
-- @column text: The words of the promise.
-- @column valid_from: The first day of the promise.
-- @column valid_to: Its last day; blank while it lasts.
-- @column spend_eur: What it cost, in euros; for the whole country only.
-- @column orders: Orders under the promise.
-- @column shipped: Pairs sold under the promise and shipped.
-- @column growth: These pairs over those of as many days before, less one.
-- @column revenue_eur: What the shipped pairs were sold for, in euros.
-- @column margin_eur: Revenue less the cost of the pairs, in euros.
-- @column contradicted: Complaints about these pairs that contradict the promise.
-- @column rate: Contradicting complaints per pair.
-- @column rate_low: Lower end of the exact 95 % interval of the rate.
-- @column rate_high: Upper end of the exact 95 % interval of the rate.
-- @column others_contradicted: The same complaints about other products sold there in these days.
-- @column others_shipped: Pairs of other products sold there in these days.
-- @column rate_ratio: Rate under the promise over that of other products.
-- @column rate_ratio_low: Lower end of the 95 % interval of the ratio.
-- @column rate_ratio_high: Upper end of the 95 % interval of the ratio; blank where it has none.
-- @column finding: Whether it is contradicted; for the whole country only.
WITH
line_contradictions AS (
  SELECT t.claim, c.order_id, c.order_line, count(*) AS line_complaints
  FROM staging.cases AS c
  JOIN seeds.claim_topics AS t ON t.topic = c.topic
  WHERE c.counted AND c.order_id IS NOT NULL
  GROUP BY t.claim, c.order_id, c.order_line
),
promises AS (
  SELECT
    *,
    least(valid_to, $as_of) AS until,
    days_between(valid_from, least(valid_to, $as_of)) + 1 AS days
  FROM crm.claims
  WHERE valid_from <= $as_of AND claim IN (SELECT claim FROM seeds.claim_topics)
),
promise_lines AS (
  SELECT
    p.claim_id,
    unnest(make_array('all', o.region)) AS region,
    o.product_id = p.product_id AS promised,
    o.order_id,
    o.shipped,
    o.shipped * o.unit_price_eur AS revenue,
    o.shipped * (o.unit_price_eur - o.unit_cost_eur) AS margin,
    coalesce(c.line_complaints, 0) AS complaints
  FROM promises AS p
  JOIN
    staging.order_lines AS o ON o.country = p.country
    AND o.ordered_on BETWEEN p.valid_from AND p.until
  LEFT JOIN
    line_contradictions AS c ON c.claim = p.claim
    AND c.order_id = o.order_id
    AND c.order_line = o.order_line
),
region_sums AS (
  SELECT
    claim_id,
    region,
    promised,
    count(DISTINCT CASE WHEN promised THEN order_id END) AS orders,
    sum(shipped) AS shipped,
    exact_sum(revenue) AS revenue,
    exact_sum(margin) AS margin,
    sum(complaints) AS complaints
  FROM promise_lines
  GROUP BY claim_id, region, promised
),
promise_regions AS (
  SELECT
    claim_id,
    region,
    max(orders) FILTER (WHERE promised) AS orders,
    max(shipped) FILTER (WHERE promised) AS shipped,
    max(complaints) FILTER (WHERE promised) AS contradicted,
    max(revenue) FILTER (WHERE promised) AS revenue,
    max(margin) FILTER (WHERE promised) AS margin,
    max(shipped) FILTER (WHERE NOT promised) AS others_shipped,
    max(complaints) FILTER (WHERE NOT promised) AS others_contradicted,
    event_rate(complaints, shipped) FILTER (WHERE promised) AS own_rate,
    rate_ratio(complaints, shipped, promised) AS ratio
  FROM region_sums
  GROUP BY claim_id, region
),
earlier_lines AS (
  SELECT p.claim_id, unnest(make_array('all', o.region)) AS region, o.shipped
  FROM promises AS p
  JOIN
    staging.order_lines AS o ON o.country = p.country
    AND o.product_id = p.product_id
    AND days_between(o.ordered_on, p.valid_from) BETWEEN 1 AND p.days
  WHERE
    days_between((SELECT min(ordered_on) FROM staging.order_lines), p.valid_from) >= p.days
),
earlier_sales AS (
  SELECT claim_id, region, sum(shipped) AS shipped
  FROM earlier_lines
  GROUP BY claim_id, region
)
SELECT
  p.claim_id,
  p.claim,
  p.product_id,
  p.country,
  r.region,
  p.text,
  p.valid_from,
  p.valid_to,
  CASE WHEN r.region = 'all' THEN p.spend END AS spend_eur,
  r.orders,
  r.shipped,
  CAST(r.shipped AS DOUBLE) / nullif(b.shipped, 0) - 1 AS growth,
  r.revenue AS revenue_eur,
  r.margin AS margin_eur,
  r.contradicted,
  r.own_rate['rate'] AS rate,
  r.own_rate['low'] AS rate_low,
  r.own_rate['high'] AS rate_high,
  r.others_contradicted,
  r.others_shipped,
  r.ratio['ratio'] AS rate_ratio,
  r.ratio['low'] AS rate_ratio_low,
  r.ratio['high'] AS rate_ratio_high,
  CASE
    WHEN r.region <> 'all' THEN NULL
    WHEN f.finding = 'contradicted' THEN concat(
      'contradicted: ',
      f.broken,
      ' of ',
      f.judged,
      ' against ',
      f.measure
    )
    WHEN r.contradicted = 0 THEN 'not contradicted so far'
    WHEN r.ratio['low'] > 1
    AND r.contradicted >= $min_complaints THEN 'contradicted, more often than other products'
    ELSE 'contradicted, not clearly more often than other products'
  END AS finding
FROM promises AS p
JOIN promise_regions AS r ON r.claim_id = p.claim_id
LEFT JOIN earlier_sales AS b ON b.claim_id = r.claim_id AND b.region = r.region
LEFT JOIN ceo.promise_facts AS f ON f.claim_id = r.claim_id AND f.region = r.region
WHERE r.shipped IS NOT NULL
