-- Every delivery of a suspect lot is in outreach.affected, and nothing else is.
WITH
suspect_deliveries AS (
  SELECT DISTINCT d.order_id, d.order_line
  FROM staging.deliveries AS d
  JOIN coo.containment AS s ON s.finished_lot = d.finished_lot
  JOIN seeds.notices AS n ON n.topic = s.topic AND n.severity = s.severity
),
affected_lines AS (SELECT DISTINCT order_id, order_line FROM outreach.affected)
SELECT
  coalesce(d.order_id, a.order_id) AS order_id,
  coalesce(d.order_line, a.order_line) AS order_line,
  CASE WHEN a.order_id IS NULL THEN 'left out' ELSE 'not affected' END AS trouble
FROM suspect_deliveries AS d
FULL JOIN affected_lines AS a ON a.order_id = d.order_id AND a.order_line = d.order_line
WHERE d.order_id IS NULL OR a.order_id IS NULL
