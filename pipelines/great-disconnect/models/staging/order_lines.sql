-- One row an order line: who bought what, at which price in euros, from which lot, and what came back.
-- `finished_lot` is known only where all pairs of the line surely came from one lot.
WITH shipped AS (
  SELECT order_id, order_line,
         CASE WHEN bool_or(pick = 'mixed') THEN max(quantity) ELSE sum(quantity) END AS shipped,
         CASE WHEN count(*) = 1 AND bool_and(pick = 'exact') THEN max(finished_lot) END AS finished_lot,
         max(carrier) AS carrier, min(shipped_on) AS shipped_on, max(delivered_on) AS delivered_on
  FROM staging.deliveries
  GROUP BY order_id, order_line
),
returned AS (
  SELECT order_id, order_line, sum(quantity) AS returned, sum(quantity) FILTER (WHERE defect) AS returned_defect
  FROM staging.returns
  GROUP BY order_id, order_line
),
claimed AS (
  SELECT order_id, order_line, sum(quantity) AS claimed
  FROM staging.claims
  GROUP BY order_id, order_line
)
SELECT s.order_id, s.order_line, s.ordered_on, s.customer_id, s.product_id, s.country, s.region, s.channel,
       s.quantity, coalesce(h.shipped, 0) AS shipped, h.finished_lot, h.carrier, h.shipped_on, h.delivered_on,
       coalesce(r.returned, 0) AS returned, coalesce(r.returned_defect, 0) AS returned_defect, coalesce(c.claimed, 0) AS claimed,
       s.unit_price / x.per_euro AS unit_price_eur, s.unit_cost / x.per_euro AS unit_cost_eur
FROM erp.sales AS s
LEFT JOIN seeds.exchange_rates AS x ON x.currency = s.currency
LEFT JOIN shipped AS h ON h.order_id = s.order_id AND h.order_line = s.order_line
LEFT JOIN returned AS r ON r.order_id = s.order_id AND r.order_line = s.order_line
LEFT JOIN claimed AS c ON c.order_id = s.order_id AND c.order_line = s.order_line
WHERE s.ordered_on <= $as_of
