-- A cause is confirmed by a person who gives a name, a day and a reason, and only of a suspect that the evidence
-- A cause is confirmed by a person who gives a name, a day and a reason, and only of a suspect that the evidence
-- names, and once: anything else in seeds/confirmations.csv is a slip, or an accusation. Where letters tell the cause, it
-- has words for customers in each of their languages.
SELECT c.topic, c.suspect_kind, c.suspect, c.confirmed_by, c.note
FROM seeds.confirmations AS c
LEFT JOIN (SELECT topic, suspect_kind, suspect, verdict FROM coo.attribution
           UNION ALL
           SELECT topic, 'material_change', change_id, verdict FROM coo.changes) AS a
  ON a.topic = c.topic AND a.suspect_kind = c.suspect_kind AND a.suspect = c.suspect
 AND a.verdict IN ('leading suspect', 'suspect, needs a person')
LEFT JOIN (SELECT topic FROM seeds.notices GROUP BY topic) AS n ON n.topic = c.topic
WHERE coalesce(trim(c.confirmed_by), '') = '' OR coalesce(trim(c.note), '') = '' OR c.confirmed_on IS NULL
   OR (a.suspect IS NULL AND c.confirmed_on <= $as_of)
   OR (n.topic IS NOT NULL
       AND (coalesce(trim(c.cause_en), '') = '' OR coalesce(trim(c.cause_de), '') = '' OR coalesce(trim(c.cause_ja), '') = ''))
UNION ALL
SELECT topic, suspect_kind, suspect, 'confirmed ' || count(*) || ' times', max(note)
FROM seeds.confirmations
GROUP BY topic, suspect_kind, suspect
HAVING count(*) > 1
