-- Where the units of each suspect lot are, and what it would cost to take all of them back. From mixed bins
-- nobody knows which pair went to whom: `sold_possible` counts every pair that may be of the lot. `under_way` are those of
-- either that have not arrived (coo.stop_ship lists the parcels). What is in stock, and so what was sold in all, is blank where the stock was not yet counted on the day asked about.
WITH stock AS (
  SELECT finished_lot, sum(quantity) AS in_stock,
         string_agg(site || ' ' || quantity, ', ' ORDER BY site) AS stock_by_site
  FROM erp.stock WHERE quantity > 0 AND as_of <= $as_of
  GROUP BY finished_lot
),
sold AS (
  SELECT d.finished_lot, sum(CASE WHEN d.pick = 'exact' THEN d.quantity ELSE 0 END) AS sold_certain,
         sum(CASE WHEN d.pick = 'mixed' THEN d.quantity ELSE 0 END) AS sold_possible,
         sum(CASE WHEN d.delivered_on IS NULL OR d.delivered_on > $as_of THEN d.quantity ELSE 0 END) AS under_way,
         CAST(sum(CASE WHEN d.pick = 'exact' THEN CAST(d.quantity * o.unit_price_eur AS DECIMAL(20, 6)) ELSE 0 END) AS DOUBLE) AS certain_eur,
         CAST(sum(CASE WHEN d.pick = 'mixed' THEN CAST(d.quantity * o.unit_price_eur AS DECIMAL(20, 6)) ELSE 0 END) AS DOUBLE) AS possible_eur
  FROM staging.deliveries AS d
  JOIN staging.order_lines AS o ON o.order_id = d.order_id AND o.order_line = d.order_line
  GROUP BY d.finished_lot
),
back AS (
  SELECT finished_lot, sum(returned) AS returned, sum(claimed) AS warranty_claims
  FROM staging.order_lines WHERE finished_lot IS NOT NULL
  GROUP BY finished_lot
),
counted AS (
  SELECT CASE WHEN count(*) > 0 THEN 0 END AS none FROM erp.stock WHERE as_of <= $as_of
),
parts AS (
  SELECT DISTINCT incident, finished_lot FROM coo.suspect_lots
),
origin AS (
  SELECT p.incident, p.finished_lot, max(o.product_id) AS product_id, max(o.produced_on) AS produced_on, max(o.made) AS made,
         string_agg(o.component_lot, ', ' ORDER BY o.component_lot) AS component_lots,
         sum(o.received) AS material_received
  FROM parts AS p
  JOIN staging.lot_origin AS o ON o.finished_lot = p.finished_lot AND p.incident LIKE '%: ' || o.supplier_period
  GROUP BY p.incident, p.finished_lot
)
SELECT p.incident, p.finished_lot, l.product_id, n.name AS product, l.produced_on, l.quantity AS made,
       o.component_lots, o.material_received,
       coalesce(k.in_stock, h.none) AS in_stock, k.stock_by_site, l.quantity - coalesce(k.in_stock, h.none) AS sold,
       coalesce(s.sold_certain, 0) AS sold_certain, coalesce(s.sold_possible, 0) AS sold_possible,
       coalesce(s.under_way, 0) AS under_way,
       coalesce(b.returned, 0) AS returned, coalesce(b.warranty_claims, 0) AS warranty_claims,
       round(coalesce(k.in_stock, 0) * c.unit_cost_eur, 2) AS stock_eur,
       round(coalesce(s.certain_eur, 0), 2) AS sold_certain_eur, round(coalesce(s.possible_eur, 0), 2) AS sold_possible_eur,
       round(coalesce(k.in_stock, 0) * c.unit_cost_eur + coalesce(s.certain_eur, 0) + coalesce(s.possible_eur, 0), 2) AS exposure_eur
FROM parts AS p
JOIN erp.finished_lots AS l ON l.finished_lot = p.finished_lot
JOIN erp.products AS n ON n.product_id = l.product_id
CROSS JOIN counted AS h
LEFT JOIN staging.lot_cost AS c ON c.finished_lot = p.finished_lot
LEFT JOIN origin AS o ON o.incident = p.incident AND o.finished_lot = p.finished_lot
LEFT JOIN stock AS k ON k.finished_lot = p.finished_lot
LEFT JOIN sold AS s ON s.finished_lot = p.finished_lot
LEFT JOIN back AS b ON b.finished_lot = p.finished_lot
