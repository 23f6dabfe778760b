-- The complaints of each leading suspect, windows of a series among them, with their lots.
-- @kind view
WITH
suspect_complaints AS (
  SELECT topic, factor, value, interaction_id, created_on, finished_lot
  FROM staging.complaint_factors
  UNION ALL
  SELECT w.topic, w.factor, w.suspect, c.interaction_id, c.created_on, c.finished_lot
  FROM coo.window_lots AS w
  JOIN
    staging.complaints AS c ON c.topic = w.topic
    AND c.finished_lot = w.finished_lot
  WHERE c.family <> 'delivery'
)
SELECT
  a.topic,
  a.factor,
  a.suspect_kind,
  a.suspect,
  a.part_of,
  c.interaction_id,
  c.created_on,
  c.finished_lot
FROM coo.attribution AS a
JOIN
  suspect_complaints AS c ON c.topic = a.topic
  AND c.factor = a.factor
  AND c.value = a.suspect
WHERE a.verdict = 'leading suspect'
