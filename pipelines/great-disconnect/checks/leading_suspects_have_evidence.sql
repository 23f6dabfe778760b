-- A suspect that leads, or goes before a person, is shown with its complaints: as many as the
-- verdict counts.
SELECT
  s.topic,
  s.suspect_kind,
  s.suspect,
  s.complaints,
  count(DISTINCT e.interaction_id) AS shown
FROM ceo.suspects AS s
LEFT JOIN
  ceo.evidence AS e ON e.topic = s.topic
  AND e.suspect_kind = s.suspect_kind
  AND e.suspect = s.suspect
WHERE s.verdict IN ('confirmed cause', 'leading suspect', 'suspect, needs a person')
GROUP BY s.topic, s.suspect_kind, s.suspect, s.complaints
HAVING count(DISTINCT e.interaction_id) <> s.complaints
