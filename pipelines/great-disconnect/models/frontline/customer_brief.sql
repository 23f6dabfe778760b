-- One row a customer, for the person who speaks with them next: what they have, what they wrote,
-- what is owed to them, what to say and what not to say. No lot, supplier or score is meant for the
-- customer's ears.
-- @column customer_id: The customer.
-- @column name: The name of the customer.
-- @column owner: The partner (store or adviser) who looks after the customer.
-- @column value_class: The value class of the customer.
-- @column addressable: Whether the customer may be written to at all.
-- @column country: The country of the customer.
-- @column language: The language to speak.
-- @column incidents: Open incidents that affect the customer.
-- @column affected: certain or possible; blank where none does.
-- @column affected_pairs: The affected pairs.
-- @column affected_lots: Their lots; not for the ears of the customer.
-- @column complaints: Complaints that count.
-- @column complained_about: The topics of these complaints.
-- @column last_complaint_on: The day of the last of these.
-- @column open_tickets: Tickets that are not closed.
-- @column needed_by: The nearest day by which a pair is needed.
-- @column remedies_owed: Remedies that were promised and have not arrived.
-- @column offers_to_honour: Live offers that are to be honoured.
-- @column offers_conflict: Whether two live offers of one kind contradict each other.
-- @column say: What to say.
-- @column do_not_say: What not to say.
WITH
affected_pairs AS (
  SELECT
    customer_id,
    array_to_string(array_sort(array_agg(DISTINCT incident)), ' | ') AS incidents,
    CASE WHEN bool_or(certainty = 'certain') THEN 'certain' ELSE 'possible' END AS affected,
    array_to_string(
      array_sort(array_agg(concat(product, ' (', order_id, ', ', certainty, ')'))),
      ', '
    ) AS affected_pairs,
    array_to_string(array_sort(array_agg(DISTINCT finished_lot)), ', ') AS affected_lots
  FROM outreach.affected
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id
),
complaints AS (
  SELECT
    customer_id,
    count(*) AS complaints,
    array_to_string(array_sort(array_agg(DISTINCT topic)), ', ') AS complained_about,
    max(created_on) AS last_complaint_on
  FROM staging.complaints
  WHERE customer_id IS NOT NULL AND counted
  GROUP BY customer_id
),
open_tickets AS (
  SELECT customer_id, count(*) AS open_tickets, min(needed_by) AS needed_by
  FROM crm.tickets
  WHERE status <> 'closed' AND CAST(created_at AS DATE) <= $as_of
  GROUP BY customer_id
),
owed_remedies AS (
  SELECT
    o.customer_id,
    r.happened_on,
    r.record_id,
    concat(
      r.reason,
      ' for ',
      o.product_id,
      ' (',
      r.order_id,
      '), promised ',
      r.happened_on
    ) AS remedy
  FROM staging.after_sales AS r
  JOIN staging.order_lines AS o USING (order_id, order_line)
  WHERE r.kind = 'remedy' AND r.delivered_on IS NULL AND o.customer_id IS NOT NULL
),
-- What staff promised at the counter is owed until they note that it was given.
noted_promises AS (
  SELECT
    p.customer_id,
    CAST(p.noted_at AS DATE) AS happened_on,
    p.number,
    p.note,
    p.noted_by
  FROM tsugi.notes AS p
  LEFT JOIN
    tsugi.notes AS d ON d.kind = 'done'
    AND d.customer_id = p.customer_id
    AND d.number > p.number
    AND coalesce(d.serial, '') = coalesce(p.serial, '')
  WHERE p.kind = 'promise' AND d.number IS NULL
),
all_remedies AS (
  SELECT customer_id, happened_on, record_id, remedy
  FROM owed_remedies
  UNION ALL
  SELECT
    customer_id,
    happened_on,
    CAST(number AS VARCHAR),
    concat(note, ', promised ', happened_on, ' by ', noted_by)
  FROM noted_promises
),
customer_remedies AS (
  SELECT
    customer_id,
    string_agg(remedy, ' | ' ORDER BY happened_on, record_id) AS remedies_owed
  FROM all_remedies
  GROUP BY customer_id
),
live_offers AS (
  SELECT
    customer_id,
    kind,
    count(DISTINCT terms) AS promises,
    kind || ': ' || array_to_string(array_sort(array_agg(DISTINCT terms)), ' AND ') AS offer
  FROM crm.offers
  WHERE
    (valid_from IS NULL OR valid_from <= $as_of)
    AND (valid_to IS NULL OR valid_to >= $as_of)
  GROUP BY customer_id, kind
),
customer_offers AS (
  SELECT
    customer_id,
    string_agg(offer, ' | ' ORDER BY kind) AS offers_to_honour,
    max(promises) > 1 AS offers_conflict
  FROM live_offers
  GROUP BY customer_id
),
briefs AS (
  SELECT
    c.customer_id,
    c.name,
    c.owner,
    c.value_class,
    c.addressable,
    c.country,
    coalesce(c.language, CASE c.country WHEN 'JP' THEN 'ja' ELSE 'de' END) AS language,
    a.incidents,
    a.affected,
    a.affected_pairs,
    a.affected_lots,
    coalesce(w.complaints, 0) AS complaints,
    w.complained_about,
    w.last_complaint_on,
    coalesce(t.open_tickets, 0) AS open_tickets,
    t.needed_by,
    r.remedies_owed,
    f.offers_to_honour,
    coalesce(f.offers_conflict, false) AS offers_conflict
  FROM crm.customers AS c
  LEFT JOIN affected_pairs AS a ON a.customer_id = c.customer_id
  LEFT JOIN complaints AS w ON w.customer_id = c.customer_id
  LEFT JOIN open_tickets AS t ON t.customer_id = c.customer_id
  LEFT JOIN customer_remedies AS r ON r.customer_id = c.customer_id
  LEFT JOIN customer_offers AS f ON f.customer_id = c.customer_id
),
situations AS (
  SELECT
    *,
    CASE
      WHEN affected IS NOT NULL THEN affected
      WHEN open_tickets > 0 THEN 'waiting'
      WHEN remedies_owed IS NOT NULL THEN NULL
      WHEN complaints > 0 THEN 'complained'
      ELSE 'nothing open'
    END AS situation
  FROM briefs
)
SELECT
  b.* EXCLUDE (situation),
  concat_ws(' ', s.say, r.say, f.say) AS say,
  concat_ws(' ', s.do_not_say, r.do_not_say, f.do_not_say) AS do_not_say
FROM situations AS b
LEFT JOIN
  seeds.talking_points AS s ON s.language = b.language
  AND s.situation = b.situation
LEFT JOIN
  seeds.talking_points AS r ON r.language = b.language
  AND b.remedies_owed IS NOT NULL
  AND r.situation = 'remedy owed'
LEFT JOIN
  seeds.talking_points AS f ON f.language = b.language
  AND b.offers_conflict
  AND f.situation = 'offers conflict'
ORDER BY b.customer_id
