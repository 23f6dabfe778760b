-- Whoever is accused must be shown the letters: as many as the verdict counts.
SELECT a.topic, a.suspect_kind, a.suspect, a.complaints, count(DISTINCT e.interaction_id) AS shown
FROM coo.attribution AS a
LEFT JOIN ceo.evidence AS e ON e.topic = a.topic AND e.suspect_kind = a.suspect_kind AND e.suspect = a.suspect
WHERE a.verdict = 'leading suspect'
GROUP BY a.topic, a.suspect_kind, a.suspect, a.complaints
HAVING count(DISTINCT e.interaction_id) <> a.complaints
