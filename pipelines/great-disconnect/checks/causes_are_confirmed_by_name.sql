-- A cause is confirmed by a person who gives a name, a day and a reason, and only of a suspect that
-- the evidence names, and once: anything else in seeds/confirmations.csv is a slip, or an
-- accusation. Where messages give the cause, it has words for customers in each of their languages.
WITH
suspects AS (
  SELECT topic, suspect_kind, suspect, verdict
  FROM coo.attribution
  UNION ALL
  SELECT topic, 'material_change', change_id, verdict
  FROM coo.changes
),
notice_topics AS (SELECT DISTINCT topic FROM seeds.notices)
SELECT c.topic, c.suspect_kind, c.suspect, c.confirmed_by, c.note
FROM seeds.confirmations AS c
LEFT JOIN
  suspects AS s ON s.topic = c.topic
  AND s.suspect_kind = c.suspect_kind
  AND s.suspect = c.suspect
  AND s.verdict IN ('leading suspect', 'suspect, needs a person')
LEFT JOIN notice_topics AS n ON n.topic = c.topic
WHERE
  coalesce(trim(c.confirmed_by), '') = ''
  OR coalesce(trim(c.note), '') = ''
  OR c.confirmed_on IS NULL
  OR (s.suspect IS NULL AND c.confirmed_on <= $as_of)
  OR (
    n.topic IS NOT NULL
    AND '' IN (
      coalesce(trim(c.cause_en), ''),
      coalesce(trim(c.cause_de), ''),
      coalesce(trim(c.cause_ja), '')
    )
  )
UNION ALL
SELECT topic, suspect_kind, suspect, 'confirmed ' || count(*) || ' times', max(note)
FROM seeds.confirmations
GROUP BY topic, suspect_kind, suspect
HAVING count(*) > 1
