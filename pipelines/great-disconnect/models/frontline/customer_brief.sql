-- One row a customer, for whoever speaks with them next: what they have, what they told us, what we owe
-- them, what to say and what not to say. No lot, supplier or score is meant for the customer's ears.
WITH open AS (
  SELECT customer_id, array_to_string(array_sort(array_agg(DISTINCT incident)), ' | ') AS incidents,
         CASE WHEN bool_or(certainty = 'certain') THEN 'certain' ELSE 'possible' END AS affected,
         array_to_string(array_sort(array_agg(product || ' (' || order_id || ', ' || certainty || ')')), ', ') AS affected_pairs,
         array_to_string(array_sort(array_agg(DISTINCT finished_lot)), ', ') AS affected_lots
  FROM outreach.affected WHERE customer_id IS NOT NULL
  GROUP BY customer_id
),
told AS (
  SELECT customer_id, count(*) AS complaints, array_to_string(array_sort(array_agg(DISTINCT topic)), ', ') AS complained_about,
         max(created_on) AS last_complaint_on
  FROM staging.complaints WHERE customer_id IS NOT NULL AND counted
  GROUP BY customer_id
),
tickets AS (
  SELECT customer_id, count(*) AS open_tickets, min(needed_by) AS needed_by
  FROM crm.tickets
  WHERE status <> 'closed' AND CAST(created_at AS DATE) <= $as_of
  GROUP BY customer_id
),
owed AS (
  SELECT o.customer_id, string_agg(r.kind || ' for ' || o.product_id || ' (' || r.order_id || '), promised ' || r.promised_on, ' | ' ORDER BY r.promised_on, r.remedy_id) AS remedies_owed
  FROM staging.remedies AS r
  JOIN staging.order_lines AS o ON o.order_id = r.order_id AND o.order_line = r.order_line
  WHERE r.delivered_on IS NULL AND o.customer_id IS NOT NULL
  GROUP BY o.customer_id
),
live AS (
  SELECT customer_id, kind, count(DISTINCT terms) AS promises,
         kind || ': ' || array_to_string(array_sort(array_agg(DISTINCT terms)), ' AND ') AS offer
  FROM crm.offers
  WHERE (valid_from IS NULL OR valid_from <= $as_of) AND (valid_to IS NULL OR valid_to >= $as_of)
  GROUP BY customer_id, kind
),
offers AS (
  SELECT customer_id, string_agg(offer, ' | ' ORDER BY kind) AS offers_to_honour, max(promises) > 1 AS offers_conflict
  FROM live
  GROUP BY customer_id
),
brief AS (
  SELECT c.customer_id, c.name, c.owner, c.value_class, c.addressable, c.country,
         coalesce(c.language, CASE c.country WHEN 'JP' THEN 'ja' ELSE 'de' END) AS language,
         o.incidents, o.affected, o.affected_pairs, o.affected_lots,
         coalesce(t.complaints, 0) AS complaints, t.complained_about, t.last_complaint_on,
         coalesce(k.open_tickets, 0) AS open_tickets, k.needed_by, w.remedies_owed, f.offers_to_honour, coalesce(f.offers_conflict, false) AS offers_conflict
  FROM crm.customers AS c
  LEFT JOIN open AS o ON o.customer_id = c.customer_id
  LEFT JOIN told AS t ON t.customer_id = c.customer_id
  LEFT JOIN tickets AS k ON k.customer_id = c.customer_id
  LEFT JOIN owed AS w ON w.customer_id = c.customer_id
  LEFT JOIN offers AS f ON f.customer_id = c.customer_id
)
SELECT b.*, concat_ws(' ', s.say, w.say, q.say) AS say, concat_ws(' ', s.do_not_say, w.do_not_say, q.do_not_say) AS do_not_say
FROM brief AS b
LEFT JOIN seeds.talking_points AS s
  ON s.language = b.language
 AND s.situation = CASE WHEN b.affected IS NOT NULL THEN b.affected WHEN b.open_tickets > 0 THEN 'waiting' WHEN b.remedies_owed IS NOT NULL THEN NULL WHEN b.complaints > 0 THEN 'complained' ELSE 'nothing open' END
LEFT JOIN seeds.talking_points AS w
  ON w.language = b.language AND b.remedies_owed IS NOT NULL AND w.situation = 'remedy owed'
LEFT JOIN seeds.talking_points AS q
  ON q.language = b.language AND b.offers_conflict AND q.situation = 'offers conflict'
ORDER BY b.customer_id
