-- Whoever is counted as affected by a suspect's material has a way from it to their order line in ceo.trace.
SELECT a.incident, a.order_id, a.order_line
FROM outreach.affected AS a
LEFT ANTI JOIN (SELECT DISTINCT incident, destination FROM ceo.trace) AS w
  ON w.incident = a.incident AND w.destination = a.order_id || ' / ' || a.order_line
