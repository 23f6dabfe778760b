-- How people answered what was sent, by partner, channel, purpose and template, with the harm
-- beside it: who unsubscribed, complained, or could not be reached.
SELECT
  c.owner AS partner,
  s.channel,
  s.purpose,
  s.template,
  count(*) AS sent,
  count(*) FILTER (WHERE s.outcome IN ('opened', 'clicked')) AS answered,
  count(*) FILTER (WHERE s.outcome = 'unsubscribed') AS unsubscribed,
  count(*) FILTER (WHERE s.outcome = 'complained') AS complained,
  count(*) FILTER (WHERE s.outcome = 'bounced') AS bounced
FROM crm.sends AS s
JOIN crm.customers AS c ON c.customer_id = s.customer_id
GROUP BY c.owner, s.channel, s.purpose, s.template
