-- The lots that are to be held and looked for: a lot that leads by itself, and every lot with any part from
-- a leading supplier or supplier period, also where it has few complaints of its own.
SELECT DISTINCT a.topic || ': ' || coalesce(b.suspect, a.suspect) AS incident, a.topic, a.severity, o.finished_lot
FROM coo.attribution AS a
-- A lot that is part of a leading period belongs to the incident of the period.
LEFT JOIN coo.attribution AS b ON b.topic = a.topic AND b.factor || ' ' || b.suspect = a.part_of
JOIN staging.lot_origin AS o
  ON (a.suspect_kind = 'finished_lot' AND o.finished_lot = a.suspect)
  OR (a.suspect_kind = 'supplier_period' AND o.supplier_period = a.suspect)
  OR (a.suspect_kind = 'supplier' AND o.supplier_id = a.suspect AND a.factor LIKE split_part(o.material_kind, '_', 1) || '%')
WHERE a.verdict = 'leading suspect'
