-- The lots to hold and to look for: where their units are and what it would cost to take all of
-- them back, one row an incident and lot. A lot is suspect that leads by itself, was made in a
-- leading time of a plant, or has any part from a leading supplier or supplier period, also where
-- it has few complaints of its own. From mixed bins it is not known which pair went to whom:
-- `sold_possible` counts every pair that may be of the lot. `under_way` are those of either kind
-- that have not arrived (coo.stop_ship lists the parcels). Stock, and so what was sold in all, is
-- blank where it was not counted by `$as_of`.
-- @column incident: The incident: topic and leading suspect.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column finished_lot: The finished lot.
-- @column product_id: The product.
-- @column product: The name of the product.
-- @column produced_on: When the lot was made.
-- @column made: Pairs made of the lot.
-- @column component_lots: The suspect component lots in it.
-- @column material_received: How much of these was received.
-- @column in_stock: Pairs in stock; blank where stock was not counted by that day.
-- @column stock_by_site: Pairs in stock at each site.
-- @column sold: Pairs that left the warehouse; blank where stock was not counted by that day.
-- @column sold_certain: Pairs sold that are surely of the lot.
-- @column sold_possible: Pairs sold from mixed bins that may be of the lot.
-- @column under_way: Pairs of either kind that have not arrived.
-- @column returned: Pairs that came back.
-- @column warranty_claims: Pairs claimed under warranty.
-- @column stock_eur: The stock at cost, in euros.
-- @column sold_certain_eur: What the surely sold pairs were sold for, in euros.
-- @column sold_possible_eur: What the possibly sold pairs were sold for, in euros.
-- @column exposure_eur: At most at stake, in euros: stock at cost, sold pairs at the price paid.
WITH
leading_suspects AS (
  SELECT
    a.topic || ': ' || coalesce(b.suspect, a.suspect) AS incident,
    a.topic,
    a.severity,
    a.suspect_kind,
    a.factor,
    a.suspect,
    f.material_kind
  FROM
    coo.attribution AS a
    -- A lot that is part of a leading period belongs to the incident of the period.
  LEFT JOIN
    coo.attribution AS b ON b.topic = a.topic
    AND b.factor || ' ' || b.suspect = a.part_of
  LEFT JOIN seeds.factors AS f ON f.about = 'product' AND f.factor = a.factor
  WHERE a.verdict = 'leading suspect'
),
suspect_lots AS (
  SELECT s.incident, s.topic, s.severity, l.finished_lot
  FROM leading_suspects AS s
  JOIN staging.lots AS l ON l.finished_lot = s.suspect
  WHERE s.suspect_kind = 'finished_lot'
  UNION
  SELECT s.incident, s.topic, s.severity, o.finished_lot
  FROM leading_suspects AS s
  JOIN
    coo.window_receipts AS w ON w.topic = s.topic
    AND w.factor = s.factor
    AND w.suspect = s.suspect
  JOIN staging.lot_origin AS o ON o.receipt_id = w.receipt_id
  WHERE s.suspect_kind = 'supplier_period'
  UNION
  SELECT s.incident, s.topic, s.severity, w.finished_lot
  FROM leading_suspects AS s
  JOIN
    coo.window_lots AS w ON w.topic = s.topic
    AND w.factor = s.factor
    AND w.suspect = s.suspect
  WHERE s.suspect_kind = 'plant_period'
  UNION
  SELECT s.incident, s.topic, s.severity, o.finished_lot
  FROM leading_suspects AS s
  JOIN
    staging.lot_origin AS o ON o.supplier_id = s.suspect
    AND o.material_kind = s.material_kind
  WHERE s.suspect_kind = 'supplier'
),
stock AS (
  SELECT
    finished_lot,
    sum(quantity) AS in_stock,
    string_agg(site || ' ' || quantity, ', ' ORDER BY site) AS stock_by_site
  FROM erp.stock
  WHERE quantity > 0 AND as_of <= $as_of
  GROUP BY finished_lot
),
-- A lot without stock has none as soon as any stock was counted.
stock_counts AS (
  SELECT CASE WHEN count(*) > 0 THEN 0 END AS no_stock
  FROM erp.stock
  WHERE as_of <= $as_of
),
shipments AS (
  SELECT
    d.finished_lot,
    d.pick,
    d.quantity,
    d.quantity * o.unit_price_eur AS paid_eur,
    d.delivered_on IS NULL
    OR d.delivered_on > $as_of AS under_way
  FROM staging.deliveries AS d
  JOIN staging.order_lines AS o USING (order_id, order_line)
),
sales AS (
  SELECT
    finished_lot,
    coalesce(sum(quantity) FILTER (WHERE pick = 'exact'), 0) AS sold_certain,
    coalesce(sum(quantity) FILTER (WHERE pick = 'mixed'), 0) AS sold_possible,
    coalesce(sum(quantity) FILTER (WHERE under_way), 0) AS under_way,
    coalesce(exact_sum(paid_eur) FILTER (WHERE pick = 'exact'), 0) AS certain_eur,
    coalesce(exact_sum(paid_eur) FILTER (WHERE pick = 'mixed'), 0) AS possible_eur
  FROM shipments
  GROUP BY finished_lot
),
returns AS (
  SELECT finished_lot, sum(returned) AS returned, sum(claimed) AS warranty_claims
  FROM staging.order_lines
  WHERE finished_lot IS NOT NULL
  GROUP BY finished_lot
),
suspect_materials AS (
  SELECT
    s.incident,
    s.finished_lot,
    string_agg(o.component_lot, ', ' ORDER BY o.component_lot) AS component_lots,
    sum(o.received) AS material_received
  FROM suspect_lots AS s
  JOIN staging.lot_origin AS o ON o.finished_lot = s.finished_lot
  JOIN
    coo.window_receipts AS w ON w.incident = s.incident
    AND w.receipt_id = o.receipt_id
  GROUP BY s.incident, s.finished_lot
)
SELECT
  s.incident,
  s.topic,
  s.severity,
  s.finished_lot,
  l.product_id,
  n.name AS product,
  l.produced_on,
  l.made,
  m.component_lots,
  m.material_received,
  coalesce(k.in_stock, h.no_stock) AS in_stock,
  k.stock_by_site,
  l.made - coalesce(k.in_stock, h.no_stock) AS sold,
  coalesce(v.sold_certain, 0) AS sold_certain,
  coalesce(v.sold_possible, 0) AS sold_possible,
  coalesce(v.under_way, 0) AS under_way,
  coalesce(b.returned, 0) AS returned,
  coalesce(b.warranty_claims, 0) AS warranty_claims,
  round(coalesce(k.in_stock, 0) * l.unit_cost_eur, 2) AS stock_eur,
  round(coalesce(v.certain_eur, 0), 2) AS sold_certain_eur,
  round(coalesce(v.possible_eur, 0), 2) AS sold_possible_eur,
  round(
    coalesce(k.in_stock, 0) * l.unit_cost_eur + coalesce(v.certain_eur + v.possible_eur, 0),
    2
  ) AS exposure_eur
FROM suspect_lots AS s
JOIN staging.lots AS l ON l.finished_lot = s.finished_lot
JOIN erp.products AS n ON n.product_id = l.product_id
CROSS JOIN stock_counts AS h
LEFT JOIN
  suspect_materials AS m ON m.incident = s.incident
  AND m.finished_lot = s.finished_lot
LEFT JOIN stock AS k ON k.finished_lot = s.finished_lot
LEFT JOIN sales AS v ON v.finished_lot = s.finished_lot
LEFT JOIN returns AS b ON b.finished_lot = s.finished_lot
