-- Every order line that holds a pair of a suspect lot (`certain`) or may hold one, since it was
-- picked from a mixed bin (`possible`). Customers who never wrote are among them, and what a
-- customer spends plays no part. A sale without a name has no customer_id. Only topics of
-- seeds/notices.csv call for writing to all buyers, as a safety recall or as a notice of a defect,
-- by their severity.
WITH
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
  d.channel
FROM suspect_deliveries AS d
JOIN erp.products AS p ON p.product_id = d.product_id
GROUP BY ALL
