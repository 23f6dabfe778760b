-- What is to be stopped today, and where it is: pairs of suspect lots in stock, parcels of them that have not
-- arrived, and what is left of the suspect component lots. `value_eur` is cost, of parcels the price paid.
WITH lots AS (
  SELECT DISTINCT incident, finished_lot FROM coo.suspect_lots
),
used AS (
  SELECT component_lot, sum(quantity) AS used FROM erp.consumption GROUP BY component_lot
)
SELECT l.incident, 'pairs in stock' AS what, k.site AS place, k.finished_lot AS lot, f.product_id AS item,
       CAST(k.quantity AS DOUBLE) AS quantity, k.quantity * c.unit_cost_eur AS value_eur, 'hold' AS action
FROM lots AS l
JOIN erp.stock AS k ON k.finished_lot = l.finished_lot AND k.quantity > 0 AND k.as_of <= $as_of
JOIN staging.lots AS f ON f.finished_lot = l.finished_lot
LEFT JOIN staging.lot_cost AS c ON c.finished_lot = l.finished_lot
UNION ALL
SELECT l.incident, 'parcel under way', d.carrier, d.finished_lot, d.order_id || ' / ' || d.order_line,
       CAST(d.quantity AS DOUBLE), d.quantity * o.unit_price_eur,
       CASE d.pick WHEN 'exact' THEN 'call back' ELSE 'call back and look: the bin was mixed' END
FROM lots AS l
JOIN staging.deliveries AS d ON d.finished_lot = l.finished_lot AND (d.delivered_on IS NULL OR d.delivered_on > $as_of)
JOIN staging.order_lines AS o ON o.order_id = d.order_id AND o.order_line = d.order_line
UNION ALL
SELECT i.incident, 'component lot', r.supplier_id, r.component_lot, r.material_id, round(r.quantity - coalesce(u.used, 0), 2),
       (r.quantity - coalesce(u.used, 0)) * r.unit_cost_eur, 'hold'
FROM (SELECT DISTINCT topic || ': ' || suspect AS incident, suspect FROM coo.attribution
      WHERE verdict = 'leading suspect' AND suspect_kind = 'supplier_period') AS i
JOIN staging.receipts AS r ON r.supplier_period = i.suspect
LEFT JOIN used AS u ON u.component_lot = r.component_lot
WHERE r.quantity - coalesce(u.used, 0) > 0
