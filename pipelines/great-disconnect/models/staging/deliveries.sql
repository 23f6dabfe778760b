-- One row an order line and lot. A line that was picked from a mixed bin has a row for each lot it
-- may have come from (`mixed`); a line that was filled from two lots has two `exact` rows.
-- @column shipment_id: The shipment.
-- @column order_id: The order.
-- @column order_line: The line of the order.
-- @column finished_lot: A lot the pairs came from, or may have come from.
-- @column quantity: Pairs shipped.
-- @column pick: exact where the pairs surely came from the lot, mixed where from a mixed bin.
-- @column carrier: The carrier that shipped the line.
-- @column shipped_on: When the line was shipped.
-- @column delivered_on: When the line reached the customer.
-- @column ordered_on: The day of the order.
-- @column customer_id: The customer; blank where the buyer is not known.
-- @column product_id: The product that was ordered.
-- @column country: The country of the buyer, by its ISO code.
-- @column region: The region of the buyer.
-- @column channel: The channel of the sale, such as online or store.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
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
