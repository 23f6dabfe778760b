-- What is to be stopped on `$as_of`, and where it is: pairs of suspect lots in stock, parcels of
-- them that have not arrived, and what remains of the suspect component lots. `value_eur` is cost;
-- of parcels, the price paid.
-- @column incident: The incident: topic and leading suspect.
-- @column what: pairs in stock, parcel under way or component lot.
-- @column place: Where it is: a site, a carrier or a supplier.
-- @column lot: The finished or component lot.
-- @column item: The product, order line or material.
-- @column quantity: How much of it.
-- @column value_eur: Its cost in euros; of a parcel, the price paid.
-- @column action: What to do with it.
WITH
suspect_lots AS (SELECT incident, finished_lot FROM coo.containment),
suspect_receipts AS (
  SELECT incident, component_lot
  FROM coo.window_receipts
  WHERE verdict = 'leading suspect'
  GROUP BY incident, component_lot
),
material_uses AS (
  SELECT component_lot, sum(quantity) AS used
  FROM erp.consumption
  GROUP BY component_lot
),
remaining_materials AS (
  SELECT
    r.component_lot,
    r.supplier_id,
    r.material_id,
    r.quantity - coalesce(u.used, 0) AS remaining,
    r.unit_cost_eur
  FROM staging.receipts AS r
  LEFT JOIN material_uses AS u ON u.component_lot = r.component_lot
)
SELECT
  l.incident,
  'pairs in stock' AS what,
  k.site AS place,
  k.finished_lot AS lot,
  f.product_id AS item,
  CAST(k.quantity AS DOUBLE) AS quantity,
  k.quantity * f.unit_cost_eur AS value_eur,
  'hold' AS action
FROM suspect_lots AS l
JOIN erp.stock AS k ON k.finished_lot = l.finished_lot
JOIN staging.lots AS f ON f.finished_lot = l.finished_lot
WHERE k.quantity > 0 AND k.as_of <= $as_of
UNION ALL
SELECT
  l.incident,
  'parcel under way',
  d.carrier,
  d.finished_lot,
  d.order_id || ' / ' || d.order_line,
  CAST(d.quantity AS DOUBLE),
  d.quantity * o.unit_price_eur,
  CASE
    WHEN d.pick = 'exact' THEN 'call back'
    ELSE 'call back and look: the bin was mixed'
  END
FROM suspect_lots AS l
JOIN staging.deliveries AS d ON d.finished_lot = l.finished_lot
JOIN staging.order_lines AS o USING (order_id, order_line)
WHERE d.delivered_on IS NULL OR d.delivered_on > $as_of
UNION ALL
SELECT
  p.incident,
  'component lot',
  m.supplier_id,
  m.component_lot,
  m.material_id,
  round(m.remaining, 2),
  m.remaining * m.unit_cost_eur,
  'hold'
FROM suspect_receipts AS p
JOIN remaining_materials AS m ON m.component_lot = p.component_lot
WHERE m.remaining > 0
