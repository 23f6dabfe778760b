-- Every order line that a suspect's material affects has a way from its receipts in ceo.trace.
WITH
ways AS (SELECT DISTINCT incident, destination FROM ceo.trace),
received AS (
  SELECT DISTINCT incident
  FROM coo.window_receipts
  WHERE verdict = 'leading suspect'
)
SELECT a.incident, a.order_id, a.order_line
FROM outreach.affected AS a
JOIN received AS r ON r.incident = a.incident
LEFT ANTI JOIN
  ways AS w ON w.incident = a.incident
  AND w.destination = a.order_id || ' / ' || a.order_line
