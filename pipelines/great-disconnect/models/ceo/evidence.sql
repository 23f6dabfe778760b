-- The rows that prove a suspect, and those that a person should look at: what was said, about which order and
-- lot, what that lot is made of, which change was in force, and the file and line where each can be read.
WITH accused AS (
  SELECT topic, suspect_kind, suspect, factor, suspect AS value, part_of, verdict FROM coo.attribution
  WHERE verdict IN ('leading suspect', 'suspect, needs a person')
  UNION ALL
  SELECT topic, 'material_change', change_id, factor, supplier_period, factor || ' ' || supplier_period, verdict FROM coo.changes
  WHERE verdict IN ('leading suspect', 'suspect, needs a person')
),
told AS (
  SELECT topic, interaction_id, finished_lot,
         unnest(make_array('finished_lot', 'outsole_period', 'outsole_supplier', 'midsole_period', 'adhesive_period', 'upper_period', 'upper_supplier',
                           'heel_period', 'plant', 'product', 'carrier_month', 'carrier', 'region')) AS factor,
         unnest(make_array(finished_lot, outsole_period, outsole_supplier, midsole_period, adhesive_period, upper_period, upper_supplier,
                           heel_period, plant, product, carrier_month, carrier, region)) AS value
  FROM staging.traced
)
SELECT a.topic || ': ' || a.suspect AS incident, a.verdict, a.topic, a.suspect_kind, a.suspect,
       c.interaction_id, c.created_on, c.kind, c.snippet, c.link, c.customer_id, c.order_id, c.order_line,
       c.finished_lot, c.region, c.carrier, o.component_lot, o.receipt_id, o.received_on, o.supplier_id, o.supplier,
       o.material, o.change_id, o.changed_on, o.change_kind, o.change_note,
       c.file || ':' || c.line AS said_in, o.file || ':' || o.line AS received_in
FROM accused AS a
JOIN told AS t ON t.topic = a.topic AND t.factor = a.factor AND t.value = a.value
JOIN staging.complaints AS c ON c.interaction_id = t.interaction_id AND c.topic = t.topic
-- The part that is suspected: of a supplier or period its own, of a lot inside a period that of the period.
LEFT JOIN staging.lot_origin AS o
  ON o.finished_lot = t.finished_lot AND o.main
 AND (o.supplier_period = a.value OR a.part_of LIKE '%_period ' || o.supplier_period
      OR (a.suspect_kind = 'supplier' AND o.supplier_id = a.suspect AND a.factor LIKE split_part(o.material_kind, '_', 1) || '%'))
