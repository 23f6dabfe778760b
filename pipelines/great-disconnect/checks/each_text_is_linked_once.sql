-- A text that is linked twice would be counted twice.
SELECT i.interaction_id, count(l.interaction_id) AS links
FROM staging.interactions AS i
LEFT JOIN staging.links AS l ON l.interaction_id = i.interaction_id
GROUP BY i.interaction_id
HAVING count(l.interaction_id) <> 1
