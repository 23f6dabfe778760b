-- Each promise held against its own measure (seeds/claim_measures.csv) over its country, regions,
-- product and days: how many of what could be measured broke it, as a share with its 95 %
-- interval. `delivery_days`: order lines that took longer than the bound, or have not come and
-- already take longer. `age_at_failure_days`: order lines about which a defect was complained of
-- that contradicts the promise (seeds/claim_topics.csv) before they were so old. `return_rate`:
-- pairs that came back. A promise is contradicted where the whole interval lies above the
-- tolerance, and kept where it lies below. Promises without a measure are listed as such. Beside
-- it what staff wrote of the same complaint, and what assistants answered, in these days.
-- @column claim_id: The advertisement.
-- @column claim: What it promises.
-- @column text: The words of the promise.
-- @column product_id: The product.
-- @column country: The country of the promise.
-- @column region: The region, or all for the country.
-- @column valid_from: The first day of the promise.
-- @column valid_to: Its last day; blank while it lasts.
-- @column measure: The measure with its bound; blank where the seed has none.
-- @column judged: Order lines, or pairs, that could be measured.
-- @column broken: How many of them broke the promise.
-- @column broken_share: Their share.
-- @column broken_low: Lower end of its 95 % interval.
-- @column broken_high: Upper end of its 95 % interval.
-- @column tolerance: The share up to which the promise counts as kept.
-- @column staff_notes: Notes of staff in these days that contradict the promise.
-- @column first_note_on: The first of them.
-- @column assistant_answers: Answers of assistants in these days that do; they name no product.
-- @column staff_surveyed: Members of staff in the country who were surveyed about the promise.
-- @column staff_know: How many of them know it.
-- @column staff_agree: How many would say it to a customer.
-- @column page_views: Views of the product's page in the country in these days.
-- @column carts: How often it was put in a cart.
-- @column carts_left: How often it was left in the cart.
-- @column finding: contradicted, kept, not clear, nothing to measure, or no measure is given.
WITH
failures AS (
  SELECT t.claim, c.order_id, c.order_line, min(c.first_on) AS failed_on
  FROM staging.cases AS c
  JOIN seeds.claim_topics AS t ON t.topic = c.topic
  WHERE c.counted AND c.order_id IS NOT NULL
  GROUP BY t.claim, c.order_id, c.order_line
),
promises AS (
  SELECT c.*, m.measure, m.bound, m.tolerance, least(c.valid_to, $as_of) AS until
  FROM crm.claims AS c
  LEFT JOIN seeds.claim_measures AS m ON m.claim = c.claim
  WHERE c.valid_from <= $as_of
),
promise_lines AS (
  SELECT
    p.claim_id,
    unnest(make_array('all', o.region)) AS region,
    CASE WHEN p.measure = 'return_rate' THEN o.shipped ELSE 1 END AS judged,
    CASE
      WHEN p.measure = 'delivery_days'
      AND o.delivered_on <= $as_of THEN CASE
        WHEN days_between(o.ordered_on, o.delivered_on) > p.bound THEN 1
        ELSE 0
      END
      WHEN p.measure = 'delivery_days'
      AND days_between(o.ordered_on, $as_of) > p.bound THEN 1
      WHEN p.measure = 'age_at_failure_days'
      AND days_between(o.delivered_on, f.failed_on) < p.bound THEN 1
      WHEN p.measure = 'age_at_failure_days'
      AND o.delivered_on <= $as_of THEN 0
      WHEN p.measure = 'return_rate'
      AND o.shipped > 0 THEN o.returned
    END AS broken
  FROM promises AS p
  JOIN
    staging.order_lines AS o ON o.country = p.country
    AND o.product_id = p.product_id
    AND o.ordered_on BETWEEN p.valid_from AND p.until
  LEFT JOIN
    failures AS f ON f.claim = p.claim
    AND f.order_id = o.order_id
    AND f.order_line = o.order_line
  WHERE p.measure IS NOT NULL
),
region_facts AS (
  SELECT
    claim_id,
    region,
    sum(judged) AS judged,
    sum(broken) AS broken,
    proportion(broken, judged) AS share
  FROM promise_lines
  WHERE broken IS NOT NULL
  GROUP BY claim_id, region
),
voices AS (
  SELECT
    p.claim_id,
    count(DISTINCT i.interaction_id) FILTER (WHERE i.kind = 'staff note') AS staff_notes,
    min(i.created_on) FILTER (WHERE i.kind = 'staff note') AS first_note_on,
    count(DISTINCT i.interaction_id) FILTER (WHERE i.kind = 'assistant answer') AS answers
  FROM promises AS p
  JOIN seeds.claim_topics AS t ON t.claim = p.claim
  JOIN staging.topics AS k ON k.topic = t.topic
  JOIN
    staging.interactions AS i ON i.interaction_id = k.interaction_id
    AND i.created_on >= p.valid_from
    AND (p.until IS NULL OR i.created_on <= p.until)
  WHERE
    i.kind = 'assistant answer'
    OR (
      i.kind = 'staff note'
      AND i.product_id = p.product_id
      AND i.country = p.country
    )
  GROUP BY p.claim_id
),
-- What was done on the website or in the app with the product, in the country and these days.
interest AS (
  SELECT
    p.claim_id,
    count(*) FILTER (WHERE w.event = 'page_view') AS page_views,
    count(*) FILTER (WHERE w.event = 'cart_add') AS carts,
    count(*) FILTER (WHERE w.event = 'cart_left') AS carts_left
  FROM promises AS p
  JOIN
    crm.web_events AS w ON w.product_id = p.product_id
    AND w.country = p.country
    AND CAST(w.happened_at AS DATE) >= p.valid_from
    AND CAST(w.happened_at AS DATE) <= p.until
  GROUP BY p.claim_id
),
-- Whether the people who sell it know the promise, and would say it themselves.
staff AS (
  SELECT
    claim,
    country,
    count(*) AS surveyed,
    count(*) FILTER (WHERE knows) AS know,
    count(*) FILTER (WHERE agrees) AS agree
  FROM crm.staff_answers
  WHERE answered_on <= $as_of
  GROUP BY claim, country
)
SELECT
  p.claim_id,
  p.claim,
  p.text,
  p.product_id,
  p.country,
  coalesce(r.region, 'all') AS region,
  p.valid_from,
  p.valid_to,
  CASE
    p.measure
    WHEN 'delivery_days' THEN concat('delivery_days <= ', p.bound)
    WHEN 'age_at_failure_days' THEN concat('age_at_failure_days >= ', p.bound)
    WHEN 'return_rate' THEN concat('return_rate <= ', p.tolerance)
  END AS measure,
  r.judged,
  r.broken,
  r.share['share'] AS broken_share,
  r.share['low'] AS broken_low,
  r.share['high'] AS broken_high,
  p.tolerance,
  coalesce(v.staff_notes, 0) AS staff_notes,
  v.first_note_on,
  coalesce(v.answers, 0) AS assistant_answers,
  f.surveyed AS staff_surveyed,
  f.know AS staff_know,
  f.agree AS staff_agree,
  coalesce(w.page_views, 0) AS page_views,
  coalesce(w.carts, 0) AS carts,
  coalesce(w.carts_left, 0) AS carts_left,
  CASE
    WHEN p.measure IS NULL THEN 'no measure is given'
    WHEN r.judged IS NULL THEN 'nothing to measure'
    WHEN r.share['low'] > p.tolerance THEN 'contradicted'
    WHEN r.share['high'] <= p.tolerance THEN 'kept'
    ELSE 'not clear'
  END AS finding
FROM promises AS p
LEFT JOIN region_facts AS r ON r.claim_id = p.claim_id
LEFT JOIN voices AS v ON v.claim_id = p.claim_id
LEFT JOIN staff AS f ON f.claim = p.claim AND f.country = p.country
LEFT JOIN interest AS w ON w.claim_id = p.claim_id
