-- Which order line and which lot a text is about: by the order it names, by the customer and
-- product where only one line fits, or by the lot that store staff noted, who have the pair before
-- them. One row a text. Anybody can write a lot down: `lot in the text` stands where no purchase
-- and no staff stand behind it. Such a text has a `named_lot` and no `finished_lot`, so that it
-- proves nothing; ceo.unverified has it for a person. `not traced` stands where nothing fits.
-- @kind view
WITH
-- Full-width and lower-case letters, and the dash left out, are ways to type the same lot.
typed_lots AS (
  SELECT
    interaction_id,
    kind,
    customer_id,
    order_id,
    product_id,
    created_on,
    regexp_match(
      translate(
        text,
        '０１２３４５６７８９Ｌｌl－‐–ー　',
        '0123456789LLL---- '
      ),
      '(?:^|[^A-Za-z0-9])L ?([0-9]{4})[- ]?([0-9]{3,6})(?:[^0-9]|$)'
    ) AS typed
  FROM staging.interactions
),
texts AS (
  SELECT
    t.interaction_id,
    t.kind,
    t.customer_id,
    t.order_id,
    coalesce(t.product_id, l.product_id) AS product_id,
    t.created_on,
    l.finished_lot AS named_lot
  FROM typed_lots AS t
  LEFT JOIN
    erp.finished_lots AS l ON l.finished_lot = 'L' || t.typed[1] || '-' || t.typed[2]
),
candidate_lines AS (
  SELECT
    t.interaction_id,
    t.named_lot,
    t.product_id,
    'order' AS link,
    o.order_id,
    o.order_line,
    o.product_id AS bought
  FROM texts AS t
  JOIN staging.order_lines AS o ON o.order_id = t.order_id
  UNION ALL
  SELECT
    t.interaction_id,
    t.named_lot,
    t.product_id,
    'customer and product',
    o.order_id,
    o.order_line,
    o.product_id
  FROM texts AS t
  JOIN
    staging.order_lines AS o ON o.customer_id = t.customer_id
    AND o.ordered_on <= t.created_on
  WHERE t.order_id IS NULL
),
ranked_lines AS (
  SELECT
    c.*,
    d.finished_lot IS NOT NULL AS fits_lot,
    rank() OVER (PARTITION BY c.interaction_id ORDER BY d.finished_lot IS NULL) AS place
  FROM candidate_lines AS c
  LEFT JOIN
    staging.deliveries AS d ON d.order_id = c.order_id
    AND d.order_line = c.order_line
    AND d.finished_lot = c.named_lot
  WHERE c.product_id IS NULL OR c.bought = c.product_id
),
-- A customer's line that does not hold the lot they wrote down is not the one they mean.
linked_lines AS (
  SELECT
    interaction_id,
    max(link) AS link,
    max(order_id) AS order_id,
    max(order_line) AS order_line
  FROM ranked_lines
  WHERE place = 1 AND (link = 'order' OR named_lot IS NULL OR fits_lot)
  GROUP BY interaction_id
  HAVING count(*) = 1
)
SELECT
  t.interaction_id,
  CASE
    WHEN n.link IS NOT NULL THEN n.link
    WHEN t.named_lot IS NOT NULL
    AND t.kind = 'staff note' THEN 'lot noted by staff'
    WHEN t.named_lot IS NOT NULL THEN 'lot in the text'
    ELSE 'not traced'
  END AS link,
  n.order_id,
  n.order_line,
  coalesce(o.product_id, t.product_id) AS product_id,
  CASE
    WHEN n.link IS NOT NULL THEN o.finished_lot
    WHEN t.kind = 'staff note' THEN t.named_lot
  END AS finished_lot,
  t.named_lot,
  o.carrier,
  o.carrier_month,
  o.shipped_on,
  o.region AS shipped_region
FROM texts AS t
LEFT JOIN linked_lines AS n ON n.interaction_id = t.interaction_id
LEFT JOIN
  staging.order_lines AS o ON o.order_id = n.order_id
  AND o.order_line = n.order_line
