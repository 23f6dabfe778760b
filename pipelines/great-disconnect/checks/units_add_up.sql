-- No lot can have more pairs in stock and surely sold than were made of it.
WITH
stock AS (
  SELECT finished_lot, sum(quantity) AS in_stock
  FROM erp.stock
  GROUP BY finished_lot
),
sales AS (
  SELECT finished_lot, sum(quantity) AS sold
  FROM staging.deliveries
  WHERE pick = 'exact'
  GROUP BY finished_lot
)
SELECT l.finished_lot, l.quantity AS made, k.in_stock, s.sold
FROM erp.finished_lots AS l
LEFT JOIN stock AS k ON k.finished_lot = l.finished_lot
LEFT JOIN sales AS s ON s.finished_lot = l.finished_lot
WHERE coalesce(k.in_stock, 0) + coalesce(s.sold, 0) > l.quantity
