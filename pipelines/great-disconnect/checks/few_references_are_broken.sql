-- One broken row is the file's trouble; more than one in a hundred is ours: the exports do not
-- belong together.
WITH
broken_counts AS (
  SELECT kind, count(*) AS broken
  FROM staging.broken_references
  GROUP BY kind
),
row_counts AS (
  SELECT 'shipment' AS kind, count(*) AS rows
  FROM erp.shipments
  UNION ALL
  SELECT 'return', count(*)
  FROM erp.returns
  UNION ALL
  SELECT 'stock', count(*)
  FROM erp.stock
)
SELECT b.kind, b.broken, r.rows
FROM broken_counts AS b
JOIN row_counts AS r ON r.kind = b.kind
WHERE b.broken * 100 > r.rows AND b.broken > 3
