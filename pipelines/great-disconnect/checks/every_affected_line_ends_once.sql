-- Every line that was delivered from a lot to hold ends in exactly one way, and each way has it: a
-- message that names the order and can leave, a line of the public notice, a return or remedy of
-- all its pairs, or a message that waits. The sums of all ways are the lines.
WITH
lines AS (
  SELECT DISTINCT s.incident, d.order_id, d.order_line
  FROM coo.containment AS s
  JOIN seeds.notices AS n ON n.topic = s.topic AND n.severity = s.severity
  JOIN staging.deliveries AS d ON d.finished_lot = s.finished_lot
),
endings AS (
  SELECT
    incident,
    order_id,
    order_line,
    count(*) AS times,
    max(ends_in) AS ends_in,
    max(customer_id) AS customer_id
  FROM outreach.endings
  GROUP BY incident, order_id, order_line
),
noticed AS (
  SELECT incident, sum(order_lines) AS noticed
  FROM outreach.public_notice
  GROUP BY incident
),
counts AS (
  SELECT l.incident, count(*) FILTER (WHERE e.ends_in = 'public notice') AS noticed
  FROM lines AS l
  JOIN
    endings AS e ON e.incident = l.incident
    AND e.order_id = l.order_id
    AND e.order_line = l.order_line
  GROUP BY l.incident
)
SELECT
  coalesce(l.incident, e.incident) AS incident,
  coalesce(l.order_id, e.order_id) AS order_id,
  coalesce(l.order_line, e.order_line) AS order_line,
  CASE
    WHEN l.order_id IS NULL THEN 'not affected'
    WHEN e.order_id IS NULL THEN 'left out'
    WHEN e.times > 1 THEN 'ends twice'
    WHEN e.ends_in IS NULL THEN 'lost: no message may go, and it is in no notice'
    ELSE 'no message that names the order can leave'
  END AS trouble
FROM lines AS l
FULL JOIN
  endings AS e ON e.incident = l.incident
  AND e.order_id = l.order_id
  AND e.order_line = l.order_line
LEFT JOIN
  outreach.messages AS m ON m.incident = e.incident
  AND m.customer_id = e.customer_id
  AND m.decision IN ('send', 'review')
  AND m.address IS NOT NULL
WHERE
  l.order_id IS NULL
  OR e.order_id IS NULL
  OR e.times > 1
  OR e.ends_in IS NULL
  OR (
    (e.ends_in LIKE 'message%' OR e.ends_in = 'letter by post')
    AND (m.customer_id IS NULL OR NOT contains (m.order_id, e.order_id))
  )
UNION ALL
SELECT c.incident, NULL, NULL, 'the public notice has another number of lines'
FROM counts AS c
LEFT JOIN noticed AS n ON n.incident = c.incident
WHERE c.noticed <> coalesce(n.noticed, 0)
