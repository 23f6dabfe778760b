-- A safety recall stays unsent only where the buyer cannot be reached, or because it was sent.
SELECT incident, customer_id, decision, reason_codes
FROM outreach.messages
WHERE
  purpose = 'safety_recall'
  AND decision IN ('hold', 'suppress')
  AND NOT (reason_codes LIKE '%no-address%' OR reason_codes LIKE '%already-sent%')
