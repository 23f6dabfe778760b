-- What one person told about one product and topic, however often and on however many platforms, is one case,
-- linked to its ticket. A remedy counts only if it was promised after the first telling, and only from the day
-- on which it reached the customer. `state`: `remedied`, `promised`, `answered` (its tickets are closed),
-- `open` (one is not), `unanswered` (there is no ticket: nobody has taken it up).
WITH numbered AS (
  SELECT *, sum(CASE WHEN again THEN 0 ELSE 1 END) OVER (
           PARTITION BY person, product_id, topic ORDER BY created_on, interaction_id) AS nth
  FROM staging.complaints
),
cases AS (
  SELECT topic, severity, person, product_id, nth,
         array_agg(interaction_id ORDER BY created_on, interaction_id)[1] AS first_interaction,
         min(created_on) AS first_on, max(created_on) AS last_on, count(*) AS tellings,
         string_agg(interaction_id, ', ' ORDER BY created_on, interaction_id) AS interactions,
         array_to_string(array_sort(array_agg(DISTINCT kind)), ', ') AS kinds,
         array_to_string(array_sort(array_agg(DISTINCT platforms) FILTER (WHERE platforms IS NOT NULL)), ', ') AS platforms,
         max(customer_id) AS customer_id, max(region) AS region, max(order_id) AS order_id, max(order_line) AS order_line,
         max(finished_lot) AS finished_lot, bool_or(counted) AS counted
  FROM numbered
  GROUP BY topic, severity, person, product_id, nth
),
tickets AS (
  SELECT n.topic, n.person, n.product_id, n.nth, min(t.ticket_id) AS ticket_id, bool_or(t.status <> 'closed') AS open
  FROM numbered AS n
  JOIN crm.tickets AS t ON t.ticket_id = n.interaction_id
  GROUP BY n.topic, n.person, n.product_id, n.nth
),
remedied AS (
  SELECT c.first_interaction, c.topic, min(r.promised_on) AS promised_on, min(r.delivered_on) AS remedied_on
  FROM cases AS c
  JOIN staging.remedies AS r ON r.order_id = c.order_id AND r.order_line = c.order_line AND r.promised_on >= c.first_on
  GROUP BY c.first_interaction, c.topic
)
SELECT c.first_interaction || ' ' || c.topic AS case_id, c.topic, c.severity, c.person, c.customer_id, c.product_id, c.region,
       c.order_id, c.order_line, c.finished_lot, c.first_on, c.last_on, c.tellings, c.kinds, c.platforms, c.interactions,
       t.ticket_id, r.promised_on, r.remedied_on, c.counted,
       CASE WHEN r.remedied_on IS NOT NULL THEN 'remedied' WHEN r.promised_on IS NOT NULL THEN 'promised'
            WHEN t.ticket_id IS NULL THEN 'unanswered' WHEN t.open THEN 'open' ELSE 'answered' END AS state
FROM cases AS c
LEFT JOIN tickets AS t
  ON t.topic = c.topic AND t.person = c.person AND (t.product_id IS NOT DISTINCT FROM c.product_id) AND t.nth = c.nth
LEFT JOIN remedied AS r ON r.first_interaction = c.first_interaction AND r.topic = c.topic
