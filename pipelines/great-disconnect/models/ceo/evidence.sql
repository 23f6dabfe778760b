-- The rows that prove a suspect, and those that a person should look at: what was written, about
-- which order and lot, what that lot is made of, which change was in force, and the file and line
-- where each can be read.
-- @column incident: The incident: topic and leading suspect.
-- @column verdict: leading suspect, suspect, needs a person, explained by another, or no evidence.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column suspect_kind: What kind of thing is suspected, such as supplier_period or finished_lot.
-- @column suspect: The suspected lot, supplier, period, change, plant, product, region or carrier.
-- @column interaction_id: The text.
-- @column created_on: The day of the text.
-- @column kind: The kind of text.
-- @column snippet: The words in which the topic was found.
-- @column link: How the line is known: order, customer and product, lot in the text, or not traced.
-- @column customer_id: The customer, where the text names them.
-- @column order_id: The order.
-- @column order_line: The line of the order.
-- @column finished_lot: The finished lot.
-- @column region: The region the pair was shipped to, else that of the author.
-- @column carrier: The carrier that shipped the line.
-- @column component_lot: The component lot, a delivery of one material.
-- @column receipt_id: The receipt of the component lot.
-- @column received_on: When the component lot came in.
-- @column supplier_id: The supplier.
-- @column supplier: The name of the supplier.
-- @column material: The name of the material.
-- @column change_id: The change that was in force; several of one day are joined by +.
-- @column changed_on: When the change took effect.
-- @column change_kind: What kind of change it was, such as material, machine or man.
-- @column change_note: What was noted about the change.
-- @column said_in: File and line of the text.
-- @column received_in: File and line of the receipt.
WITH
suspects AS (
  SELECT topic, suspect_kind, suspect, factor, suspect AS value, part_of, verdict
  FROM coo.attribution
  WHERE verdict IN ('leading suspect', 'suspect, needs a person')
  UNION ALL
  SELECT
    topic,
    'material_change',
    change_id,
    factor,
    supplier_period,
    factor || ' ' || supplier_period,
    verdict
  FROM coo.changes
  WHERE verdict IN ('leading suspect', 'suspect, needs a person')
),
suspect_materials AS (
  SELECT s.*, f.material_kind
  FROM suspects AS s
  LEFT JOIN seeds.factors AS f ON f.about = 'product' AND f.factor = s.factor
)
SELECT
  s.topic || ': ' || s.suspect AS incident,
  s.verdict,
  s.topic,
  s.suspect_kind,
  s.suspect,
  c.interaction_id,
  c.created_on,
  c.kind,
  c.snippet,
  c.link,
  c.customer_id,
  c.order_id,
  c.order_line,
  c.finished_lot,
  c.region,
  c.carrier,
  o.component_lot,
  o.receipt_id,
  o.received_on,
  o.supplier_id,
  o.supplier,
  o.material,
  o.change_id,
  o.changed_on,
  o.change_kind,
  o.change_note,
  c.file || ':' || c.line AS said_in,
  o.file || ':' || o.line AS received_in
FROM suspect_materials AS s
JOIN
  staging.complaint_factors AS v ON v.topic = s.topic
  AND v.factor = s.factor
  AND v.value = s.value
JOIN
  staging.complaints AS c ON c.interaction_id = v.interaction_id
  AND c.topic = v.topic
  -- The suspected part; of a lot inside a leading period, that of the period.
LEFT JOIN
  staging.lot_origin AS o ON o.finished_lot = c.finished_lot
  AND o.main
  AND (
    o.supplier_period = s.value
    OR s.part_of LIKE '%_period ' || o.supplier_period
    OR (
      s.suspect_kind = 'supplier'
      AND o.supplier_id = s.suspect
      AND o.material_kind = s.material_kind
    )
  )
