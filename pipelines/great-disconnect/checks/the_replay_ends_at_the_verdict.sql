-- The replay of a leading suspect ends with the very complaints that the verdict counts.
WITH
replays AS (
  SELECT incident, max(complaints) AS complaints
  FROM coo.replay
  GROUP BY incident
)
SELECT a.topic, a.suspect, a.complaints, r.complaints AS replayed
FROM coo.attribution AS a
LEFT JOIN replays AS r ON r.incident = a.topic || ': ' || a.suspect
WHERE
  a.verdict = 'leading suspect'
  AND a.part_of IS NULL
  AND r.complaints IS DISTINCT FROM a.complaints
