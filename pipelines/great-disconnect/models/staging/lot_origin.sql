-- What each finished lot is made of: production order, component lot, receipt, supplier, and the
-- change that was in force when the component lot arrived. `main` marks the largest share where a
-- lot took one kind of material from two component lots.
SELECT
  l.finished_lot,
  l.product_id,
  l.production_order_id,
  l.plant,
  l.produced_on,
  l.made,
  u.component_lot,
  u.quantity AS used,
  r.receipt_id,
  r.received_on,
  r.quantity AS received,
  r.supplier_id,
  trim(s.name) AS supplier,
  r.material_id,
  trim(m.name) AS material,
  m.kind AS material_kind,
  r.supplier_period,
  r.change_id,
  r.change_kind,
  r.change_note,
  r.changed_on,
  row_number() OVER largest_share = 1 AS main,
  r.file,
  r.line
FROM staging.lots AS l
JOIN erp.consumption AS u ON u.production_order_id = l.production_order_id
JOIN staging.receipts AS r ON r.component_lot = u.component_lot
JOIN erp.materials AS m ON m.material_id = r.material_id
JOIN erp.suppliers AS s ON s.supplier_id = r.supplier_id
WINDOW
  largest_share AS (PARTITION BY l.finished_lot, m.kind ORDER BY u.quantity DESC, u.component_lot)
