-- One row a seller and order; an order of several sellers counts once for each.
SELECT DISTINCT i.seller_id, j.order_id, j.complaint
FROM raw.order_items i
JOIN staging.judged_orders j ON j.order_id = i.order_id
