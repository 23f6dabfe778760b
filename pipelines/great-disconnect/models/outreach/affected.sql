-- Every order line that holds a pair of a suspect lot (`certain`) or may hold one, since it was
-- picked from a mixed bin (`possible`). Customers who never wrote are among them, and what a
-- customer spends plays no part. A sale without a name has no customer_id. Only topics of
-- seeds/notices.csv call for writing to all buyers, as a safety recall or as a notice of a defect,
-- by their severity.
-- @column incident: The incident: topic and leading suspect.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column customer_id: The customer; blank where the buyer is not known.
-- @column order_id: The order.
-- @column order_line: The line of the order.
-- @column certainty: certain: a pair of a suspect lot; possible: perhaps, from a mixed bin.
-- @column finished_lot: The suspect lots it came from, or may have come from.
-- @column units: Pairs that are, or may be, of these lots.
-- @column product_id: The product.
-- @column product: The name of the product.
-- @column ordered_on: The day of the order.
-- @column country: The country of the buyer, by its ISO code.
-- @column region: The region of the buyer.
-- @column channel: The channel of the sale, such as online or store.
-- @column settled: returned or remedied where every pair came back or was made good.
WITH
after_sales AS (
  SELECT
    order_id,
    order_line,
    sum(quantity) FILTER (WHERE kind = 'return') AS returned,
    sum(quantity) FILTER (WHERE kind = 'remedy' AND delivered_on IS NOT NULL) AS remedied
  FROM staging.after_sales
  GROUP BY order_id, order_line
),
-- What staff gave at the counter stands in no export yet.
given AS (SELECT DISTINCT customer_id, serial FROM tsugi.notes WHERE kind = 'done'),
settled_lines AS (
  SELECT
    s.order_id,
    s.order_line,
    CASE
      WHEN r.returned >= s.quantity THEN 'returned'
      WHEN r.remedied >= s.quantity
      OR g.serial IS NOT NULL THEN 'remedied'
    END AS settled
  FROM erp.sales AS s
  LEFT JOIN after_sales AS r ON r.order_id = s.order_id AND r.order_line = s.order_line
  LEFT JOIN
    given AS g ON g.serial = s.order_id || '-' || s.order_line
    AND g.customer_id = s.customer_id
  WHERE r.order_id IS NOT NULL OR g.serial IS NOT NULL
),
suspect_deliveries AS (
  SELECT s.incident, s.topic, s.severity, d.*, d.pick = 'exact' AS exact
  FROM coo.containment AS s
  JOIN seeds.notices AS n ON n.topic = s.topic AND n.severity = s.severity
  JOIN staging.deliveries AS d ON d.finished_lot = s.finished_lot
)
SELECT
  d.incident,
  d.topic,
  d.severity,
  d.customer_id,
  d.order_id,
  d.order_line,
  CASE WHEN bool_or(d.exact) THEN 'certain' ELSE 'possible' END AS certainty,
  string_agg(d.finished_lot, ', ' ORDER BY d.finished_lot) AS finished_lot,
  coalesce(sum(d.quantity) FILTER (WHERE d.exact), max(d.quantity)) AS units,
  d.product_id,
  p.name AS product,
  d.ordered_on,
  d.country,
  d.region,
  d.channel,
  k.settled
FROM suspect_deliveries AS d
JOIN erp.products AS p ON p.product_id = d.product_id
LEFT JOIN settled_lines AS k ON k.order_id = d.order_id AND k.order_line = d.order_line
GROUP BY ALL
