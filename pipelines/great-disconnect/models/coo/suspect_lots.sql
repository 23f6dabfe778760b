-- The lots that are to be held and looked for: a lot that leads by itself, and every lot with any part from
-- a leading supplier or supplier period, also where it has few complaints of its own.
WITH leading AS (
  SELECT a.topic || ': ' || coalesce(b.suspect, a.suspect) AS incident, a.topic, a.severity, a.suspect_kind, a.suspect, a.factor
  FROM coo.attribution AS a
  -- A lot that is part of a leading period belongs to the incident of the period.
  LEFT JOIN coo.attribution AS b ON b.topic = a.topic AND b.factor || ' ' || b.suspect = a.part_of
  WHERE a.verdict = 'leading suspect'
),
parts AS (
  SELECT l.incident, l.topic, l.severity, o.finished_lot
  FROM leading AS l
  JOIN staging.lots AS o ON o.finished_lot = l.suspect
  WHERE l.suspect_kind = 'finished_lot'
  UNION ALL
  SELECT l.incident, l.topic, l.severity, o.finished_lot
  FROM leading AS l
  JOIN staging.lot_origin AS o ON o.supplier_period = l.suspect
  WHERE l.suspect_kind = 'supplier_period'
  UNION ALL
  SELECT l.incident, l.topic, l.severity, o.finished_lot
  FROM leading AS l
  JOIN staging.lot_origin AS o ON o.supplier_id = l.suspect
  WHERE l.suspect_kind = 'supplier' AND l.factor LIKE split_part(o.material_kind, '_', 1) || '%'
)
SELECT DISTINCT incident, topic, severity, finished_lot FROM parts
