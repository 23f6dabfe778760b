-- For each partner (store or adviser) their own customers and nobody else's, with what they need to speak with
-- them: affected pairs, the message that waits, offers to honour. One export a partner:
--   SELECT * FROM outreach.partner_customers WHERE partner = 'ST-SAP', with --show-personal and who asks why
-- Whoever can read the files of the warehouse can read the customers of everybody.
WITH pairs AS (
  SELECT customer_id, count(*) AS affected_pairs, min(certainty) AS certainty
  FROM outreach.affected WHERE customer_id IS NOT NULL GROUP BY customer_id
),
waiting AS (
  SELECT customer_id, string_agg(purpose || ': ' || decision, ' | ' ORDER BY purpose, decision) AS messages
  FROM outreach.messages WHERE customer_id IS NOT NULL GROUP BY customer_id
),
promised AS (
  SELECT customer_id, string_agg(kind || ': ' || coalesce(honour, offers), ' | ' ORDER BY kind) AS offers_to_honour,
         bool_or(standing = 'conflict') AS offers_conflict
  FROM outreach.offers_to_honour GROUP BY customer_id
)
SELECT c.owner AS partner, c.customer_id, c.name, c.language, c.country, c.channel, c.addressable, c.value_class,
       coalesce(a.affected_pairs, 0) AS affected_pairs, a.certainty, w.messages, p.offers_to_honour,
       coalesce(p.offers_conflict, false) AS offers_conflict
FROM crm.customers AS c
LEFT JOIN pairs AS a ON a.customer_id = c.customer_id
LEFT JOIN waiting AS w ON w.customer_id = c.customer_id
LEFT JOIN promised AS p ON p.customer_id = c.customer_id
WHERE c.owner IS NOT NULL
