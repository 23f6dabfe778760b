-- What each finished lot is made of: production order, component lot, receipt, supplier, and the
-- change that was in force when the component lot arrived. `main` marks the largest share where a
-- lot took one kind of material from two component lots.
-- @column finished_lot: The finished lot.
-- @column product_id: The product made.
-- @column production_order_id: The production order that made the lot.
-- @column plant: The plant that made the lot.
-- @column produced_on: When the lot was made.
-- @column made: Pairs made of the lot.
-- @column component_lot: A component lot that went into it.
-- @column used: How much of the component lot went into it.
-- @column receipt_id: The receipt of the component lot.
-- @column received_on: When the component lot came in.
-- @column received: How much of the component lot was received.
-- @column supplier_id: The supplier.
-- @column supplier: The name of the supplier.
-- @column material_id: The material.
-- @column material: The name of the material.
-- @column material_kind: Which part of the product the material becomes.
-- @column supplier_period: The supplier and material between two recorded changes.
-- @column change_id: The change that was in force; several of one day are joined by +.
-- @column change_kind: What kind of change it was, such as material, machine or man.
-- @column change_note: What was noted about the change.
-- @column changed_on: When the change took effect.
-- @column main: Whether it is the largest share of its kind of material.
-- @column file: The export file of the receipt.
-- @column line: The line of the receipt in its file.
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
