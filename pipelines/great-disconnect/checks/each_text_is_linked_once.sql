-- A text that is linked twice would be counted twice, one that is not linked at all would be lost.
WITH
mentions AS (
  SELECT t.interaction_id, t.topic
  FROM staging.topics AS t
  JOIN staging.interactions AS i ON i.interaction_id = t.interaction_id
  WHERE i.by_people
)
SELECT m.interaction_id, m.topic, count(c.interaction_id) AS complaints
FROM mentions AS m
LEFT JOIN
  staging.complaints AS c ON c.interaction_id = m.interaction_id
  AND c.topic = m.topic
GROUP BY m.interaction_id, m.topic
HAVING count(c.interaction_id) <> 1
