-- How many pairs came back, came back for a defect, and were claimed under warranty, per pair shipped, each with
-- the exact 95 % interval: by lot, supplier (of any main material), region and product. A line that may hold two
-- lots is left out of the rates by lot and supplier.
WITH made AS (
  SELECT DISTINCT finished_lot, supplier_id FROM staging.lot_origin WHERE main
),
units AS (
  SELECT 'region' AS kind, region AS unit, shipped, returned, returned_defect, claimed FROM staging.order_lines
  UNION ALL
  SELECT 'product', product_id, shipped, returned, returned_defect, claimed FROM staging.order_lines
  UNION ALL
  SELECT 'lot', finished_lot, shipped, returned, returned_defect, claimed FROM staging.order_lines WHERE finished_lot IS NOT NULL
  UNION ALL
  SELECT 'supplier', m.supplier_id, o.shipped, o.returned, o.returned_defect, o.claimed
  FROM (SELECT finished_lot, sum(shipped) AS shipped, sum(returned) AS returned, sum(returned_defect) AS returned_defect, sum(claimed) AS claimed
        FROM staging.order_lines WHERE finished_lot IS NOT NULL GROUP BY finished_lot) AS o
  JOIN made AS m ON m.finished_lot = o.finished_lot
),
counts AS (
  SELECT kind, unit, sum(shipped) AS shipped, sum(returned) AS returned, sum(returned_defect) AS returned_defect, sum(claimed) AS claimed
  FROM units
  GROUP BY kind, unit
),
rates AS (
  SELECT kind, unit, event_rate(returned, shipped) AS r, event_rate(returned_defect, shipped) AS d, event_rate(claimed, shipped) AS w
  FROM counts
  GROUP BY kind, unit
)
SELECT c.kind, c.unit, c.shipped, c.returned, r.r['rate'] AS return_rate, r.r['low'] AS return_rate_low, r.r['high'] AS return_rate_high,
       c.returned_defect, r.d['rate'] AS defect_rate, r.d['low'] AS defect_rate_low, r.d['high'] AS defect_rate_high,
       c.claimed, r.w['rate'] AS claim_rate, r.w['low'] AS claim_rate_low, r.w['high'] AS claim_rate_high
FROM counts AS c
JOIN rates AS r ON r.kind = c.kind AND r.unit = c.unit
