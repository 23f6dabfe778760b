-- One broken row is the file's trouble; more than one in a hundred is ours: the exports do not belong together.
SELECT b.kind, b.broken, h.rows
FROM (SELECT kind, count(*) AS broken FROM staging.broken_references GROUP BY kind) AS b
JOIN (SELECT 'shipment' AS kind, count(*) AS rows FROM erp.shipments
      UNION ALL SELECT 'return', count(*) FROM erp.returns
      UNION ALL SELECT 'stock', count(*) FROM erp.stock) AS h ON h.kind = b.kind
WHERE b.broken * 100 > h.rows AND b.broken > 3
