-- Who confirmed the cause of an incident, and in which words customers learn of it: the newest
-- confirmation of the suspect itself, or of a change that began a period of it. One row an incident
-- with a confirmed cause.
-- @kind view
WITH
incidents AS (
  SELECT topic || ': ' || suspect AS incident, topic, suspect_kind, suspect
  FROM coo.attribution
  WHERE verdict = 'leading suspect' AND part_of IS NULL
),
causes AS (
  SELECT *
  FROM incidents
  UNION
  SELECT i.incident, i.topic, 'material_change', r.change_id
  FROM incidents AS i
  JOIN
    staging.receipts AS r ON i.suspect_kind = 'supplier'
    AND i.suspect = r.supplier_id
  WHERE r.change_id IS NOT NULL
  UNION
  SELECT i.incident, i.topic, 'material_change', w.change_id
  FROM incidents AS i
  JOIN coo.windows AS w ON w.topic = i.topic AND w.suspect = i.suspect
  WHERE w.change_id IS NOT NULL
),
confirmations AS (
  SELECT
    c.incident,
    s.confirmed_by,
    s.confirmed_on,
    s.note AS confirmed_because,
    s.cause_en,
    s.cause_de,
    s.cause_ja,
    row_number() OVER (PARTITION BY c.incident ORDER BY s.confirmed_on DESC, s.suspect) AS nth
  FROM causes AS c
  JOIN
    seeds.confirmations AS s ON s.topic = c.topic
    AND s.suspect_kind = c.suspect_kind
    AND s.suspect = c.suspect
  WHERE s.confirmed_on <= $as_of
)
SELECT
  incident,
  confirmed_by,
  confirmed_on,
  confirmed_because,
  cause_en,
  cause_de,
  cause_ja
FROM confirmations
WHERE nth = 1
