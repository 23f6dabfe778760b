-- Finished lots with the production order that made them, up to the day that is asked about.
SELECT l.finished_lot, l.production_order_id, l.product_id, o.plant, l.quantity AS made, o.started_on, l.produced_on,
       l._file AS file, l._line AS line
FROM erp.finished_lots AS l
LEFT JOIN erp.production_orders AS o ON o.production_order_id = l.production_order_id
WHERE l.produced_on <= $as_of
