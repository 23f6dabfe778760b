-- The receipts of a suspected window: of its supplier's material from its first day to its last,
-- also those that were never used.
-- @kind view
SELECT
  w.topic,
  w.factor,
  w.suspect,
  w.verdict,
  w.part_of,
  w.topic || ': ' || w.suspect AS incident,
  r.receipt_id,
  r.component_lot,
  r.supplier_id,
  r.material_id
FROM coo.windows AS w
JOIN
  staging.receipts AS r ON w.suspect_kind = 'supplier_period'
  AND concat(r.supplier_id, ' ', r.material_id) = w.series
  AND r.received_on BETWEEN w.first_on AND w.last_on
