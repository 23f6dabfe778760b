-- Component lots as they were received, with what the incoming inspection found and the change that
-- was in force on that day. A supplier period runs from one recorded change of a supplier's
-- material to the next.
-- @column receipt_id: The receipt of the component lot.
-- @column component_lot: The component lot, a delivery of one material.
-- @column supplier_id: The supplier.
-- @column material_id: The material.
-- @column quantity: How much was received.
-- @column unit_cost_eur: The price of a unit of the material, in euros.
-- @column received_on: When the component lot came in.
-- @column inspected: How many the incoming inspection looked at.
-- @column rejected: How many of these it rejected.
-- @column result: The result of the inspection.
-- @column supplier_period: The supplier and material between two recorded changes.
-- @column change_id: The change that was in force; several of one day are joined by +.
-- @column change_kind: What kind of change it was, such as material, machine or man.
-- @column change_note: What was noted about the change.
-- @column changed_on: When the change took effect.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
WITH
changes AS (
  SELECT
    supplier_id,
    material_id,
    effective_on,
    string_agg(change_id, ' + ' ORDER BY change_id) AS change_id,
    string_agg(kind, ' + ' ORDER BY change_id) AS change_kind,
    string_agg(note, '; ' ORDER BY change_id) AS change_note
  FROM erp.changes
  WHERE effective_on <= $as_of
  GROUP BY supplier_id, material_id, effective_on
),
inspections AS (
  SELECT
    receipt_id,
    sum(inspected) AS inspected,
    sum(rejected) AS rejected,
    string_agg(DISTINCT result, ', ' ORDER BY result) AS result
  FROM erp.inspections
  WHERE inspected_on <= $as_of
  GROUP BY receipt_id
),
dated_receipts AS (
  SELECT
    r.receipt_id,
    r.component_lot,
    r.supplier_id,
    r.material_id,
    r.quantity,
    r.unit_cost,
    r.received_on,
    r._file,
    r._line,
    max(c.effective_on) AS changed_on
  FROM erp.receipts AS r
  LEFT JOIN
    changes AS c ON c.supplier_id = r.supplier_id
    AND c.material_id = r.material_id
    AND c.effective_on <= r.received_on
  WHERE r.received_on <= $as_of
  GROUP BY ALL
)
SELECT
  r.receipt_id,
  r.component_lot,
  r.supplier_id,
  r.material_id,
  r.quantity,
  r.unit_cost AS unit_cost_eur,
  r.received_on,
  i.inspected,
  i.rejected,
  i.result,
  concat(
    r.supplier_id,
    ' ',
    r.material_id,
    ' from ',
    coalesce(CAST(r.changed_on AS VARCHAR), 'the start')
  ) AS supplier_period,
  c.change_id,
  c.change_kind,
  c.change_note,
  r.changed_on,
  r._file AS file,
  r._line AS line
FROM dated_receipts AS r
LEFT JOIN inspections AS i ON i.receipt_id = r.receipt_id
LEFT JOIN
  changes AS c ON c.supplier_id = r.supplier_id
  AND c.material_id = r.material_id
  AND c.effective_on = r.changed_on
