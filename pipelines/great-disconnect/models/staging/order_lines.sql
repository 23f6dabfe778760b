-- One row an order line: who bought what, at which price in euros, from which lot, and what came
-- back. `finished_lot` is known only where all pairs of the line surely came from one lot.
-- @column order_id: The order.
-- @column order_line: The line of the order.
-- @column ordered_on: The day of the order.
-- @column customer_id: The customer; blank where the buyer is not known.
-- @column product_id: The product that was ordered.
-- @column country: The country of the buyer, by its ISO code.
-- @column region: The region of the buyer.
-- @column channel: The channel of the sale, such as online or store.
-- @column quantity: Pairs ordered.
-- @column shipped: Pairs shipped.
-- @column finished_lot: The lot, where all pairs of the line surely came from one.
-- @column carrier: The carrier that shipped the line.
-- @column carrier_month: The carrier and the month of shipment.
-- @column shipped_on: When the line was shipped.
-- @column delivered_on: When the line reached the customer.
-- @column returned: Pairs that came back.
-- @column returned_defect: Pairs that came back for a fault of the product.
-- @column claimed: Pairs claimed under warranty.
-- @column unit_price_eur: The price of a pair, in euros.
-- @column unit_cost_eur: What a pair cost to make, in euros.
WITH
shipments AS (
  SELECT
    order_id,
    order_line,
    CASE WHEN bool_or(pick = 'mixed') THEN max(quantity) ELSE sum(quantity) END AS shipped,
    CASE WHEN count(*) = 1 AND bool_and(pick = 'exact') THEN max(finished_lot) END AS finished_lot,
    max(carrier) AS carrier,
    min(shipped_on) AS shipped_on,
    max(delivered_on) AS delivered_on
  FROM staging.deliveries
  GROUP BY order_id, order_line
),
after_sales AS (
  SELECT
    order_id,
    order_line,
    sum(quantity) FILTER (WHERE kind = 'return') AS returned,
    sum(quantity) FILTER (WHERE kind = 'return' AND defect) AS returned_defect,
    sum(quantity) FILTER (WHERE kind = 'claim') AS claimed
  FROM staging.after_sales
  GROUP BY order_id, order_line
)
SELECT
  s.order_id,
  s.order_line,
  s.ordered_on,
  s.customer_id,
  s.product_id,
  s.country,
  s.region,
  s.channel,
  s.quantity,
  coalesce(h.shipped, 0) AS shipped,
  h.finished_lot,
  h.carrier,
  h.carrier || ' ' || substr(CAST(h.shipped_on AS VARCHAR), 1, 7) AS carrier_month,
  h.shipped_on,
  h.delivered_on,
  coalesce(a.returned, 0) AS returned,
  coalesce(a.returned_defect, 0) AS returned_defect,
  coalesce(a.claimed, 0) AS claimed,
  s.unit_price / x.per_euro AS unit_price_eur,
  s.unit_cost / x.per_euro AS unit_cost_eur
FROM erp.sales AS s
LEFT JOIN seeds.exchange_rates AS x ON x.currency = s.currency
LEFT JOIN shipments AS h ON h.order_id = s.order_id AND h.order_line = s.order_line
LEFT JOIN after_sales AS a ON a.order_id = s.order_id AND a.order_line = s.order_line
WHERE s.ordered_on <= $as_of
