-- For each partner (store or adviser) their own customers only, with the whole context they need to
-- speak with them: affected pairs, complaints and open tickets, what is owed and promised, the
-- message that waits or went, what to say and what not. One file a partner:
--   tsugi export DIR frontline.partner_customers --owner partner --to FOLDER --by NAME --why TEXT
-- Everyone who can read the files of the warehouse can read the customers of all partners.
-- @column partner: The partner: a store or an adviser.
-- @column customer_id: The customer.
-- @column name: The name of the customer.
-- @column language: The language of the customer.
-- @column country: The country of the customer.
-- @column channel: The channel on which the customer is written to.
-- @column addressable: Whether the customer may be written to at all.
-- @column value_class: The value class of the customer.
-- @column angry: Whether a recent complaint of the customer sounded angry.
-- @column affected_pairs: How many lines with affected pairs the customer has.
-- @column certainty: certain or possible; blank where no pair is affected.
-- @column pairs: The affected pairs.
-- @column complaints: Complaints that count.
-- @column complained_about: The topics of these complaints.
-- @column open_tickets: Tickets that are not closed.
-- @column needed_by: The nearest day by which a pair is needed.
-- @column remedies_owed: Remedies that were promised and have not arrived.
-- @column messages: The messages to the customer, with their decisions.
-- @column message: The message to them.
-- @column offers_to_honour: Live offers that are to be honoured.
-- @column offers_conflict: Whether two live offers of one kind contradict each other.
-- @column say: What to say.
-- @column do_not_say: What not to say.
WITH
messages AS (
  SELECT
    customer_id,
    string_agg(purpose || ': ' || decision, ' | ' ORDER BY incident, purpose) AS messages,
    string_agg(
      subject || chr(10) || chr(10) || body,
      chr(10) || '---' || chr(10)
      ORDER BY incident, purpose
    ) AS message
  FROM outreach.messages
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id
),
offers AS (
  SELECT
    customer_id,
    string_agg(kind || ': ' || coalesce(honour, offers), ' | ' ORDER BY kind) AS offers_to_honour,
    bool_or(state = 'conflict') AS offers_conflict
  FROM outreach.offers_to_honour
  GROUP BY customer_id
),
affected_pairs AS (
  SELECT customer_id, count(*) AS affected_pairs
  FROM outreach.affected
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id
)
SELECT
  c.owner AS partner,
  c.customer_id,
  c.name,
  c.language,
  c.country,
  c.channel,
  c.addressable,
  c.value_class,
  k.angry,
  coalesce(a.affected_pairs, 0) AS affected_pairs,
  b.affected AS certainty,
  b.affected_pairs AS pairs,
  b.complaints,
  b.complained_about,
  b.open_tickets,
  b.needed_by,
  b.remedies_owed,
  m.messages,
  m.message,
  o.offers_to_honour,
  coalesce(o.offers_conflict, false) AS offers_conflict,
  b.say,
  b.do_not_say
FROM crm.customers AS c
JOIN
  outreach.contacts AS k ON k.customer_id = c.customer_id
  AND k.channel IS NOT DISTINCT FROM k.preferred_channel
JOIN frontline.customer_brief AS b ON b.customer_id = c.customer_id
LEFT JOIN affected_pairs AS a ON a.customer_id = c.customer_id
LEFT JOIN messages AS m ON m.customer_id = c.customer_id
LEFT JOIN offers AS o ON o.customer_id = c.customer_id
WHERE c.owner IS NOT NULL
