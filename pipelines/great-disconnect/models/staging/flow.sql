-- What moved, as far as it concerns the lots of a leading suspect, one row a movement with the file and line where
-- it can be read: component lots received, issued to a production order, finished lots put into the warehouse, pairs shipped for
-- an order line. `told` counts the letters about a movement (those that name an order line stand with its
-- shipment, those that only name a lot with the lot); `suspected` marks what a leading suspect delivered. `part` cuts the
-- movements by finished lot, since no way goes through two of them: ceo.trace follows each part by itself.
WITH lots AS (
  SELECT DISTINCT finished_lot FROM coo.suspect_lots
),
leading AS (
  SELECT DISTINCT suspect_kind, suspect FROM coo.attribution WHERE verdict = 'leading suspect' AND part_of IS NULL
),
letters AS (
  SELECT DISTINCT interaction_id, order_id, order_line, finished_lot FROM ceo.evidence
  WHERE verdict = 'leading suspect' AND finished_lot IN (SELECT finished_lot FROM lots)
    AND incident IN (SELECT incident FROM coo.suspect_lots)
),
by_line AS (
  SELECT order_id, order_line, finished_lot, count(*) AS told FROM letters WHERE order_id IS NOT NULL GROUP BY order_id, order_line, finished_lot
),
by_lot AS (
  SELECT finished_lot, count(*) AS told FROM letters WHERE order_id IS NULL GROUP BY finished_lot
),
parts AS (
  SELECT o.* FROM staging.lot_origin AS o JOIN lots AS l ON l.finished_lot = o.finished_lot
)
SELECT 'receipt ' || r.receipt_id AS delivery, 'received' AS what, r.supplier_period AS sender, 'incoming goods' AS recipient, r.component_lot AS lot,
       r.received_on AS sent, r.received_on AS arrived, r.quantity, 0 AS told,
       CASE WHEN max(k.suspect) IS NOT NULL THEN 1 ELSE 0 END AS suspected, CAST(NULL AS BIGINT) AS part, r.file, r.line
FROM staging.receipts AS r
JOIN (SELECT DISTINCT component_lot FROM parts) AS p ON p.component_lot = r.component_lot
LEFT JOIN leading AS k
  ON (k.suspect_kind = 'supplier_period' AND k.suspect = r.supplier_period) OR (k.suspect_kind = 'supplier' AND k.suspect = r.supplier_id)
GROUP BY r.receipt_id, r.supplier_period, r.component_lot, r.received_on, r.quantity, r.file, r.line
UNION ALL
SELECT 'issue ' || c.production_order_id || ' ' || c.component_lot, 'issued', 'incoming goods', c.production_order_id, c.component_lot,
       l.started_on AS sent, l.started_on AS arrived, c.quantity, 0 AS told, 0 AS suspected, ascii(right(l.finished_lot, 1)) % 4, c._file, c._line
FROM erp.consumption AS c
JOIN staging.lots AS l ON l.production_order_id = c.production_order_id
JOIN lots AS s ON s.finished_lot = l.finished_lot
UNION ALL
SELECT 'lot ' || l.finished_lot, 'made', l.production_order_id, 'warehouse', l.finished_lot, l.produced_on AS sent, l.produced_on AS arrived, CAST(l.made AS DOUBLE),
       coalesce(b.told, 0), CASE WHEN k.suspect IS NOT NULL THEN 1 ELSE 0 END, ascii(right(l.finished_lot, 1)) % 4, l.file, l.line
FROM staging.lots AS l
JOIN lots AS s ON s.finished_lot = l.finished_lot
LEFT JOIN by_lot AS b ON b.finished_lot = l.finished_lot
LEFT JOIN leading AS k ON k.suspect_kind = 'finished_lot' AND k.suspect = l.finished_lot
UNION ALL
SELECT 'shipment ' || d.shipment_id || ' ' || d.finished_lot, CASE d.pick WHEN 'mixed' THEN 'perhaps shipped' ELSE 'shipped' END, 'warehouse', d.order_id || ' / ' || d.order_line,
       d.finished_lot, d.shipped_on, d.delivered_on, CAST(d.quantity AS DOUBLE), coalesce(b.told, 0), 0, ascii(right(d.finished_lot, 1)) % 4, d.file, d.line
FROM staging.deliveries AS d
JOIN lots AS s ON s.finished_lot = d.finished_lot
LEFT JOIN by_line AS b ON b.order_id = d.order_id AND b.order_line = d.order_line AND b.finished_lot = d.finished_lot
