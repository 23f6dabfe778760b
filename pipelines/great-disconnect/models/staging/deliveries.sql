-- One row an order line and lot. A line that was picked from a mixed bin has a row for each lot it
-- may have come from (`mixed`); a line that was filled from two lots has two `exact` rows.
SELECT
  h.shipment_id,
  h.order_id,
  h.order_line,
  h.finished_lot,
  h.quantity,
  h.pick,
  h.carrier,
  h.shipped_on,
  h.delivered_on,
  s.ordered_on,
  s.customer_id,
  s.product_id,
  s.country,
  s.region,
  s.channel,
  h._file AS file,
  h._line AS line
FROM erp.shipments AS h
JOIN erp.sales AS s ON s.order_id = h.order_id AND s.order_line = h.order_line
JOIN erp.finished_lots AS l ON l.finished_lot = h.finished_lot
WHERE s.ordered_on <= $as_of
