-- Messages that were sent, one row each: those that the CRM lists, and those that Tsugi sent itself
-- (tsugi.sends, the ledger), which count at once. What a sink refused did not leave; what has no
-- receipt waits for a person. A message that the CRM lists too, within a day, is there once. What
-- was sent after `$as_of` counts as sent on it, since a sample stands still.
-- @column send_id: The entry of the CRM, or the delivery and run of Tsugi.
-- @column sent_by: crm or tsugi.
-- @column incident: The incident the message is about; blank for those of the CRM.
-- @column customer_id: The customer.
-- @column channel: The channel; of own messages the one that the customer prefers.
-- @column purpose: safety_recall, service_notice or advertisement.
-- @column template: The template.
-- @column template_version: The version of the template; blank for those of the CRM.
-- @column sent_at: When it was sent.
-- @column outcome: What became of it: delivered, opened, clicked, bounced or unsubscribed, say.
WITH
own_sends AS (
  SELECT
    delivery,
    run,
    incident,
    customer_id,
    split_part(template, '@', 1) AS template,
    split_part(template, '@', 2) AS template_version,
    least(sent_at, CAST($as_of AS TIMESTAMP)) AS sent_at
  FROM tsugi.sends
  WHERE outcome = 'accepted'
),
purposes AS (
  SELECT template_id, max(purpose) AS purpose
  FROM seeds.templates
  GROUP BY template_id
),
listed AS (
  SELECT DISTINCT o.customer_id, o.template, o.incident, o.run
  FROM own_sends AS o
  JOIN crm.sends AS s ON s.customer_id = o.customer_id AND s.template = o.template
  WHERE abs(days_between(CAST(s.sent_at AS DATE), CAST(o.sent_at AS DATE))) <= 1
)
SELECT
  send_id,
  'crm' AS sent_by,
  CAST(NULL AS VARCHAR) AS incident,
  customer_id,
  channel,
  purpose,
  template,
  CAST(NULL AS VARCHAR) AS template_version,
  sent_at,
  outcome
FROM crm.sends
UNION ALL
SELECT
  concat_ws(' ', o.delivery, o.run),
  'tsugi',
  o.incident,
  o.customer_id,
  c.channel,
  p.purpose,
  o.template,
  o.template_version,
  o.sent_at,
  'delivered'
FROM own_sends AS o
LEFT JOIN crm.customers AS c ON c.customer_id = o.customer_id
LEFT JOIN purposes AS p ON p.template_id = o.template
LEFT JOIN
  listed AS l ON l.customer_id = o.customer_id
  AND l.template = o.template
  AND l.incident = o.incident
  AND l.run = o.run
WHERE l.customer_id IS NULL
