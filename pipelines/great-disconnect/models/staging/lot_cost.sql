-- What a pair of each lot cost to make, in euros: the mean over its own sold pairs, else over those of its product.
-- Of a product that was never sold the list price stands for it, which is more: what is at stake is never made smaller.
WITH own AS (
  SELECT finished_lot, CAST(avg(CAST(unit_cost_eur AS DECIMAL(20, 6))) AS DOUBLE) AS unit_cost_eur
  FROM staging.order_lines WHERE finished_lot IS NOT NULL GROUP BY finished_lot
),
alike AS (
  SELECT product_id, CAST(avg(CAST(unit_cost_eur AS DECIMAL(20, 6))) AS DOUBLE) AS unit_cost_eur
  FROM staging.order_lines GROUP BY product_id
)
SELECT l.finished_lot, coalesce(o.unit_cost_eur, a.unit_cost_eur, p.list_price_eur) AS unit_cost_eur
FROM staging.lots AS l
LEFT JOIN own AS o ON o.finished_lot = l.finished_lot
LEFT JOIN alike AS a ON a.product_id = l.product_id
LEFT JOIN staging.products AS p ON p.product_id = l.product_id
