-- Finished lots up to `$as_of`, with the production order that made them and what a pair cost to
-- make, in euros: the mean over its own sold pairs, else over those of its product. A product that
-- was never sold has its list price instead, which is more: what is at stake is never understated.
-- @column finished_lot: The finished lot.
-- @column production_order_id: The production order that made the lot.
-- @column product_id: The product made.
-- @column plant: The plant that made the lot.
-- @column made: Pairs made of the lot.
-- @column started_on: When its production began.
-- @column produced_on: When the lot was made.
-- @column unit_cost_eur: What a pair cost to make, in euros.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
WITH
lot_costs AS (
  SELECT finished_lot, exact_sum(unit_cost_eur) / count(unit_cost_eur) AS unit_cost_eur
  FROM staging.order_lines
  WHERE finished_lot IS NOT NULL
  GROUP BY finished_lot
),
product_costs AS (
  SELECT product_id, exact_sum(unit_cost_eur) / count(unit_cost_eur) AS unit_cost_eur
  FROM staging.order_lines
  GROUP BY product_id
)
SELECT
  l.finished_lot,
  l.production_order_id,
  l.product_id,
  o.plant,
  l.quantity AS made,
  o.started_on,
  l.produced_on,
  coalesce(c.unit_cost_eur, a.unit_cost_eur, p.list_price) AS unit_cost_eur,
  l._file AS file,
  l._line AS line
FROM erp.finished_lots AS l
LEFT JOIN erp.production_orders AS o ON o.production_order_id = l.production_order_id
LEFT JOIN lot_costs AS c ON c.finished_lot = l.finished_lot
LEFT JOIN product_costs AS a ON a.product_id = l.product_id
LEFT JOIN erp.products AS p ON p.product_id = l.product_id
WHERE l.produced_on <= $as_of
