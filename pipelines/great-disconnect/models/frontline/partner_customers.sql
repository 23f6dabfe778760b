-- For each partner (store or adviser) their own customers only, with the whole context they need to
-- speak with them: affected pairs, complaints and open tickets, what is owed and promised, the
-- message that waits or went, what to say and what not. One file a partner:
--   tsugi export DIR frontline.partner_customers --owner partner --to FOLDER --by NAME --why TEXT
-- Everyone who can read the files of the warehouse can read the customers of all partners.
WITH
messages AS (
  SELECT
    customer_id,
    string_agg(purpose || ': ' || decision, ' | ' ORDER BY incident, purpose) AS messages,
    string_agg(
      subject || chr(10) || chr(10) || body,
      chr(10) || '---' || chr(10)
      ORDER BY incident, purpose
    ) AS letter
  FROM outreach.messages
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id
),
offers AS (
  SELECT
    customer_id,
    string_agg(kind || ': ' || coalesce(honour, offers), ' | ' ORDER BY kind) AS offers_to_honour,
    bool_or(standing = 'conflict') AS offers_conflict
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
  m.letter,
  o.offers_to_honour,
  coalesce(o.offers_conflict, false) AS offers_conflict,
  b.say,
  b.do_not_say
FROM crm.customers AS c
JOIN outreach.contacts AS k ON k.customer_id = c.customer_id
JOIN frontline.customer_brief AS b ON b.customer_id = c.customer_id
LEFT JOIN affected_pairs AS a ON a.customer_id = c.customer_id
LEFT JOIN messages AS m ON m.customer_id = c.customer_id
LEFT JOIN offers AS o ON o.customer_id = c.customer_id
WHERE c.owner IS NOT NULL
