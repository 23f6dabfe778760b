-- The rows that prove a suspect, and those that a person should look at: what was written, about
-- which order and lot, what that lot is made of, which change was in force, and the file and line
-- where each can be read.
-- @column incident: The incident: topic and leading suspect.
-- @column verdict: leading suspect, part of a suspect, or suspect, needs a person.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column suspect_kind: What kind of thing is suspected, such as supplier_period or finished_lot.
-- @column suspect: The suspected lot, supplier, period, change, plant, product, region or carrier.
-- @column interaction_id: The text.
-- @column created_on: The day of the text.
-- @column kind: The kind of text.
-- @column snippet: The words in which the topic was found.
-- @column link: How the line is known: order, customer and product, or lot noted by staff.
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
  WHERE verdict IN ('leading suspect', 'part of a suspect', 'suspect, needs a person')
  UNION ALL
  SELECT
    topic,
    'material_change',
    change_id,
    'material_change',
    supplier_period,
    part_of,
    verdict
  FROM coo.changes
  WHERE verdict IN ('leading suspect', 'suspect, needs a person')
),
-- The suspected kind of part; of a lot inside a leading window, that of the window.
suspect_materials AS (
  SELECT s.*, coalesce(f.material_kind, p.material_kind) AS material_kind
  FROM suspects AS s
  LEFT JOIN seeds.factors AS f ON f.about = 'product' AND f.factor = s.factor
  LEFT JOIN
    seeds.factors AS p ON p.about = 'product'
    AND p.factor = split_part(s.part_of, ' ', 1)
),
suspect_complaints AS (
  SELECT topic, factor, value, interaction_id
  FROM staging.complaint_factors
  UNION ALL
  SELECT c.topic, w.factor, w.suspect, c.interaction_id
  FROM coo.window_lots AS w
  JOIN
    staging.complaints AS c ON c.topic = w.topic
    AND c.finished_lot = w.finished_lot
  WHERE c.family <> 'delivery'
  UNION ALL
  SELECT c.topic, 'material_change', o.supplier_period, c.interaction_id
  FROM staging.complaints AS c
  JOIN staging.lot_origin AS o ON o.finished_lot = c.finished_lot AND o.main
  WHERE c.family <> 'delivery'
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
  suspect_complaints AS v ON v.topic = s.topic
  AND v.factor = s.factor
  AND v.value = s.value
JOIN
  staging.complaints AS c ON c.interaction_id = v.interaction_id
  AND c.topic = v.topic
LEFT JOIN
  staging.lot_origin AS o ON o.finished_lot = c.finished_lot
  AND o.main
  AND (
    o.material_kind = s.material_kind
    OR (s.factor = 'material_change' AND o.supplier_period = s.value)
  )
