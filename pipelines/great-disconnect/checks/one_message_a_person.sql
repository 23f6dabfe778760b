-- Two messages about one incident would contradict or tire the person.
SELECT incident, customer_id, count(*) AS messages
FROM outreach.messages
WHERE customer_id IS NOT NULL
GROUP BY incident, customer_id
HAVING count(*) > 1
