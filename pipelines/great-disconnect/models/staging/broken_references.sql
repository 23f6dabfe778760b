-- Rows that could be read but name something that does not exist, so that no join loses them
-- silently.
-- @column kind: shipment, return or stock.
-- @column id: The number of the row; of stock, the site.
-- @column reason: What it names that does not exist.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
SELECT
  'shipment' AS kind,
  h.shipment_id AS id,
  'unknown lot ' || h.finished_lot AS reason,
  h._file AS file,
  h._line AS line
FROM erp.shipments AS h
LEFT ANTI JOIN erp.finished_lots AS l ON l.finished_lot = h.finished_lot
UNION ALL
SELECT
  'shipment',
  h.shipment_id,
  'unknown order line ' || h.order_id || ' / ' || h.order_line,
  h._file,
  h._line
FROM erp.shipments AS h
LEFT ANTI JOIN erp.sales AS s ON s.order_id = h.order_id AND s.order_line = h.order_line
UNION ALL
SELECT
  'return',
  r.return_id,
  'unknown order line ' || r.order_id || ' / ' || r.order_line,
  r._file,
  r._line
FROM erp.returns AS r
LEFT ANTI JOIN erp.sales AS s ON s.order_id = r.order_id AND s.order_line = r.order_line
UNION ALL
SELECT 'stock', k.site, 'unknown lot ' || k.finished_lot, k._file, k._line
FROM erp.stock AS k
LEFT ANTI JOIN erp.finished_lots AS l ON l.finished_lot = k.finished_lot
