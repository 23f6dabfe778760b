-- What each finished lot is made of: production order, component lot, receipt, supplier, and the change
-- that was in force when the component lot arrived. A supplier period runs from one change of a supplier's
-- material to the next. `main` marks the largest share where a lot took one kind of material from two lots.
WITH changes AS (
  SELECT supplier_id, material_id, effective_on, string_agg(change_id, ' + ' ORDER BY change_id) AS change_id,
         string_agg(kind, ' + ' ORDER BY change_id) AS change_kind, string_agg(note, '; ' ORDER BY change_id) AS change_note
  FROM erp.changes
  WHERE effective_on <= $as_of
  GROUP BY supplier_id, material_id, effective_on
),
received AS (
  SELECT r.receipt_id, r.component_lot, r.supplier_id, r.material_id, r.quantity, r.received_on, r._file, r._line,
         max(c.effective_on) AS changed_on
  FROM erp.receipts AS r
  LEFT JOIN changes AS c
    ON c.supplier_id = r.supplier_id AND c.material_id = r.material_id AND c.effective_on <= r.received_on
  GROUP BY r.receipt_id, r.component_lot, r.supplier_id, r.material_id, r.quantity, r.received_on, r._file, r._line
)
SELECT l.finished_lot, l.product_id, l.production_order_id, o.plant, l.produced_on, l.quantity AS made,
       u.component_lot, u.quantity AS used, r.receipt_id, r.received_on, r.quantity AS received,
       r.supplier_id, s.name AS supplier, r.material_id, m.name AS material, m.kind AS material_kind,
       r.supplier_id || ' ' || r.material_id || ' from ' || coalesce(CAST(r.changed_on AS VARCHAR), 'the start') AS supplier_period,
       c.change_id, c.change_kind, c.change_note, r.changed_on,
       row_number() OVER (PARTITION BY l.finished_lot, m.kind ORDER BY u.quantity DESC, u.component_lot) = 1 AS main,
       r._file AS file, r._line AS line
FROM erp.finished_lots AS l
JOIN erp.production_orders AS o ON o.production_order_id = l.production_order_id
JOIN erp.consumption AS u ON u.production_order_id = l.production_order_id
JOIN received AS r ON r.component_lot = u.component_lot
JOIN erp.materials AS m ON m.material_id = r.material_id
JOIN erp.suppliers AS s ON s.supplier_id = r.supplier_id
LEFT JOIN changes AS c
  ON c.supplier_id = r.supplier_id AND c.material_id = r.material_id AND c.effective_on = r.changed_on
