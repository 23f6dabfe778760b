-- What moved, as far as it leads from a leading suspect to a customer, one row a movement with the file and line where
-- it can be read: component lots received from the suspect, issued to a production order, finished lots put into the
-- warehouse, pairs shipped for an order line. `suspected` marks where a way begins: a receipt from a leading
-- supplier, and a lot that leads by itself.
WITH lots AS (
  SELECT DISTINCT finished_lot FROM coo.suspect_lots
),
leading AS (
  SELECT DISTINCT suspect_kind, suspect FROM coo.attribution WHERE verdict = 'leading suspect' AND part_of IS NULL
),
delivered AS (
  SELECT DISTINCT r.receipt_id, r.supplier_period, r.component_lot, r.received_on, r.quantity, r.file, r.line
  FROM staging.receipts AS r
  JOIN (SELECT DISTINCT o.component_lot FROM staging.lot_origin AS o JOIN lots AS l ON l.finished_lot = o.finished_lot) AS p
    ON p.component_lot = r.component_lot
  JOIN leading AS k
    ON (k.suspect_kind = 'supplier_period' AND k.suspect = r.supplier_period) OR (k.suspect_kind = 'supplier' AND k.suspect = r.supplier_id)
)
SELECT 'receipt ' || receipt_id AS delivery, 'received' AS what, supplier_period AS sender, 'incoming goods' AS recipient, component_lot AS lot,
       received_on AS sent, received_on AS arrived, quantity, 1 AS suspected, file, line
FROM delivered
UNION ALL
SELECT 'issue ' || c.production_order_id || ' ' || c.component_lot, 'issued', 'incoming goods', c.production_order_id, c.component_lot,
       l.started_on AS sent, l.started_on AS arrived, c.quantity, 0 AS suspected, c._file, c._line
FROM erp.consumption AS c
JOIN (SELECT DISTINCT component_lot FROM delivered) AS r ON r.component_lot = c.component_lot
JOIN staging.lots AS l ON l.production_order_id = c.production_order_id
JOIN lots AS s ON s.finished_lot = l.finished_lot
UNION ALL
SELECT 'lot ' || l.finished_lot, 'made', l.production_order_id, 'warehouse', l.finished_lot, l.produced_on AS sent, l.produced_on AS arrived, CAST(l.made AS DOUBLE),
       CASE WHEN k.suspect IS NOT NULL THEN 1 ELSE 0 END, l.file, l.line
FROM staging.lots AS l
JOIN lots AS s ON s.finished_lot = l.finished_lot
LEFT JOIN leading AS k ON k.suspect_kind = 'finished_lot' AND k.suspect = l.finished_lot
UNION ALL
SELECT 'shipment ' || d.shipment_id || ' ' || d.finished_lot, CASE d.pick WHEN 'mixed' THEN 'perhaps shipped' ELSE 'shipped' END, 'warehouse', d.order_id || ' / ' || d.order_line,
       d.finished_lot, d.shipped_on, d.delivered_on, CAST(d.quantity AS DOUBLE), 0, d.file, d.line
FROM staging.deliveries AS d
JOIN lots AS s ON s.finished_lot = d.finished_lot
