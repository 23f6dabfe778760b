-- Every order line that a suspect's material affects has a way from it in ceo.trace.
WITH ways AS (SELECT DISTINCT incident, destination FROM ceo.trace)
SELECT a.incident, a.order_id, a.order_line
FROM outreach.affected AS a
LEFT ANTI JOIN
  ways AS w ON w.incident = a.incident
  AND w.destination = a.order_id || ' / ' || a.order_line
