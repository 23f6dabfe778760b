-- How long it took, per incident: from the first unit on its way and the first letter, to the first day on which
-- the evidence would have put it before a person (`noticed_on`, detection), to the first on which it would have led
-- (`cause_on`; both by coo.replay), to the day a named person confirmed it, and to the first message about it that
-- reached an affected buyer, as far as the CRM's list of messages tells. What has not happened by the day that is asked about is blank, and `reason` says so.
WITH begun AS (
  SELECT e.incident, min(o.shipped_on) AS first_shipped_on, min(e.created_on) AS first_complaint_on
  FROM ceo.evidence AS e
  LEFT JOIN staging.order_lines AS o ON o.order_id = e.order_id AND o.order_line = e.order_line
  GROUP BY e.incident
),
known AS (
  SELECT incident, min(day) FILTER (WHERE would_be <> 'no evidence') AS noticed_on, min(day) FILTER (WHERE would_be = 'leading suspect') AS cause_on
  FROM coo.replay
  GROUP BY incident
),
confirmed AS (
  SELECT topic || ': ' || suspect AS incident, min(confirmed_on) AS confirmed_on
  FROM seeds.confirmations WHERE confirmed_on <= $as_of
  GROUP BY topic, suspect
),
buyers AS (
  SELECT DISTINCT incident, topic, customer_id FROM outreach.affected WHERE customer_id IS NOT NULL
),
told AS (
  SELECT b.incident, min(CAST(s.sent_at AS DATE)) AS contacted_on, count(DISTINCT s.customer_id) AS contacted
  FROM buyers AS b
  JOIN seeds.notices AS n ON n.topic = b.topic
  JOIN crm.sends AS s ON s.customer_id = b.customer_id AND s.template = n.template_id
  WHERE CAST(s.sent_at AS DATE) <= $as_of AND s.outcome <> 'bounced'
  GROUP BY b.incident
),
people AS (
  SELECT incident, count(*) AS buyers FROM buyers GROUP BY incident
)
SELECT i.incident, i.topic, i.severity, least(coalesce(i.first_shipped_on, b.first_shipped_on), coalesce(b.first_shipped_on, i.first_shipped_on)) AS first_shipped_on,
       b.first_complaint_on, k.noticed_on, k.cause_on, c.confirmed_on, t.contacted_on,
       CAST(k.noticed_on AS INT) - CAST(b.first_complaint_on AS INT) AS days_to_notice,
       CAST(k.cause_on AS INT) - CAST(b.first_complaint_on AS INT) AS days_to_cause,
       CAST(t.contacted_on AS INT) - CAST(b.first_complaint_on AS INT) AS days_to_contact,
       CAST($as_of AS INT) - CAST(k.cause_on AS INT) AS days_since_cause,
       coalesce(p.buyers, 0) AS buyers, coalesce(t.contacted, 0) AS contacted,
       'First letter on ' || b.first_complaint_on ||
         CASE WHEN k.noticed_on IS NULL THEN '; day by day it never stood out, so it cannot be said when it could have been known'
              ELSE '; before a person on ' || k.noticed_on END ||
         CASE WHEN k.cause_on IS NULL THEN '' ELSE '; leading from ' || k.cause_on END ||
         CASE WHEN c.confirmed_on IS NULL THEN '; not confirmed by a person' ELSE '; confirmed on ' || c.confirmed_on END ||
         CASE WHEN t.contacted_on IS NOT NULL THEN '; first buyer told on ' || t.contacted_on
              WHEN p.buyers IS NULL THEN '; no message to buyers is foreseen'
              ELSE '; none of ' || p.buyers || ' buyers told by ' || $as_of END || '.' AS reason
FROM ceo.incident AS i
LEFT JOIN begun AS b ON b.incident = i.incident
LEFT JOIN known AS k ON k.incident = i.incident
LEFT JOIN confirmed AS c ON c.incident = i.incident
LEFT JOIN told AS t ON t.incident = i.incident
LEFT JOIN people AS p ON p.incident = i.incident
