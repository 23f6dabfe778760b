-- How many pairs came back per pair shipped, with the exact 95 % interval, by lot, supplier of the outsole,
-- region and product. A line that may hold two lots is left out of the rates by lot and supplier.
WITH units AS (
  SELECT 'region' AS kind, region AS unit, shipped, returned FROM staging.order_lines
  UNION ALL
  SELECT 'product', product_id, shipped, returned FROM staging.order_lines
  UNION ALL
  SELECT 'lot', finished_lot, shipped, returned FROM staging.order_lines WHERE finished_lot IS NOT NULL
  UNION ALL
  SELECT 'supplier', f.outsole_supplier, o.shipped, o.returned
  FROM staging.order_lines AS o
  JOIN staging.lot_factors AS f ON f.finished_lot = o.finished_lot
),
rates AS (
  SELECT kind, unit, sum(shipped) AS shipped, sum(returned) AS returned, event_rate(returned, shipped) AS r
  FROM units
  GROUP BY kind, unit
)
SELECT kind, unit, shipped, returned, r['rate'] AS rate, r['low'] AS rate_low, r['high'] AS rate_high
FROM rates
