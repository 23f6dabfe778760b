-- No lot can have more pairs in stock and surely sold than were made of it.
SELECT l.finished_lot, l.quantity AS made, k.in_stock, d.sold
FROM erp.finished_lots AS l
LEFT JOIN (SELECT finished_lot, sum(quantity) AS in_stock FROM erp.stock GROUP BY finished_lot) AS k
  ON k.finished_lot = l.finished_lot
LEFT JOIN (SELECT finished_lot, sum(quantity) AS sold FROM staging.deliveries WHERE pick = 'exact' GROUP BY finished_lot) AS d
  ON d.finished_lot = l.finished_lot
WHERE coalesce(k.in_stock, 0) + coalesce(d.sold, 0) > l.quantity
