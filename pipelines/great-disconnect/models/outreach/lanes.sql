-- How much goes by itself and how much waits for a person, by incident: the share of each lane.
SELECT incident, purpose, decision, count(*) AS messages,
       round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY incident, purpose), 1) AS percent
FROM outreach.messages
GROUP BY incident, purpose, decision
