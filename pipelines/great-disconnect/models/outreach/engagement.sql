-- How people answered what was sent, by partner, channel, purpose and template, with the harm
-- beside it: who unsubscribed, complained, or could not be reached.
-- @column partner: The partner of the customers; blank where they have none.
-- @column channel: The channel of the message.
-- @column purpose: safety_recall, service_notice or advertisement.
-- @column template: The template.
-- @column sent: Messages sent.
-- @column answered: Messages opened or clicked.
-- @column unsubscribed: Messages that led to an unsubscription.
-- @column complained: Messages that led to a complaint.
-- @column bounced: Messages that could not be delivered.
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
FROM staging.sends AS s
JOIN crm.customers AS c ON c.customer_id = s.customer_id
GROUP BY c.owner, s.channel, s.purpose, s.template
