-- What the incoming inspection rejected of what it looked at, with Wilson's 95 % interval: by supplier, by
-- supplier and material, and by supplier period. A receipt without a readable inspection is counted as such.
WITH seen AS (
  SELECT 'supplier' AS kind, supplier_id AS unit, supplier_id, receipt_id, inspected, rejected, result FROM staging.receipts
  UNION ALL
  SELECT 'supplier and material', supplier_id || ' ' || material_id, supplier_id, receipt_id, inspected, rejected, result FROM staging.receipts
  UNION ALL
  SELECT 'supplier period', supplier_period, supplier_id, receipt_id, inspected, rejected, result FROM staging.receipts
),
counts AS (
  SELECT kind, unit, supplier_id, count(*) AS receipts, count(*) FILTER (WHERE inspected IS NULL) AS not_inspected,
         count(*) FILTER (WHERE result = 'rejected') AS refused, sum(inspected) AS inspected, sum(rejected) AS rejected
  FROM seen
  GROUP BY kind, unit, supplier_id
),
shares AS (
  SELECT kind, unit, proportion(rejected, inspected) AS r FROM counts GROUP BY kind, unit
)
SELECT c.kind, c.unit, s.name AS supplier, c.receipts, c.not_inspected, c.refused, c.inspected, c.rejected,
       r.r['share'] AS rejected_share, r.r['low'] AS rejected_low, r.r['high'] AS rejected_high,
       rank() OVER (PARTITION BY c.kind ORDER BY r.r['low'] DESC NULLS LAST) AS place
FROM counts AS c
JOIN shares AS r ON r.kind = c.kind AND r.unit = c.unit
JOIN staging.suppliers AS s ON s.supplier_id = c.supplier_id
