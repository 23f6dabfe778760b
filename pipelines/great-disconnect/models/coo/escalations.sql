-- Open complaints of customers who need the pair by a day, the nearest day first: `now` when no
-- more than $escalate_days remain, `too late` when the day has passed and the ticket is still open.
-- One row a ticket; its state is that of the export, also for an earlier `$as_of`.
-- @column escalate: now, soon, or too late.
-- @column ticket_id: The ticket.
-- @column status: The state of the ticket.
-- @column needed_by: The day by which the pair is needed.
-- @column days_left: Days until then; negative when it has passed.
-- @column days_waiting: Days since the ticket was opened.
-- @column filed_as: The type the ticket was filed under.
-- @column topics: What it complains about.
-- @column customer_id: The customer.
-- @column owner: The partner (store or adviser) who looks after the customer.
-- @column value_class: The value class of the customer.
-- @column order_id: The order that the ticket names.
-- @column product_id: The product that the ticket names.
-- @column value_eur: The value of the order, in euros.
-- @column last_delivered_on: When the last line of the order reached the customer.
-- @column subject: The subject of the ticket.
-- @column last_online_on: When they were last seen on the website or in the app.
-- @column searched: What they searched for there.
-- @column said_in: File and line of the text.
WITH
ticket_topics AS (
  SELECT interaction_id, string_agg(topic, ', ' ORDER BY topic) AS topics
  FROM staging.topics
  GROUP BY interaction_id
),
-- When they were last seen on the website or in the app: who shops on while they wait, and who has
-- stopped coming.
visits AS (
  SELECT
    customer_id,
    max(CAST(happened_at AS DATE)) AS last_online_on,
    array_to_string(array_sort(array_agg(DISTINCT nullif(words, ''))), ', ') AS searched
  FROM crm.web_events
  WHERE customer_id IS NOT NULL AND CAST(happened_at AS DATE) <= $as_of
  GROUP BY customer_id
),
orders AS (
  SELECT
    order_id,
    exact_sum(quantity * unit_price_eur) AS value_eur,
    max(delivered_on) AS last_delivered_on
  FROM staging.order_lines
  GROUP BY order_id
)
SELECT
  CASE
    WHEN t.needed_by < $as_of THEN 'too late'
    WHEN days_between($as_of, t.needed_by) <= $escalate_days THEN 'now'
    ELSE 'soon'
  END AS escalate,
  t.ticket_id,
  t.status,
  t.needed_by,
  days_between($as_of, t.needed_by) AS days_left,
  days_between(CAST(t.created_at AS DATE), $as_of) AS days_waiting,
  t.type AS filed_as,
  k.topics,
  t.customer_id,
  p.owner,
  p.value_class,
  t.order_id,
  t.product_id,
  o.value_eur,
  o.last_delivered_on,
  t.subject,
  w.last_online_on,
  nullif(w.searched, '') AS searched,
  t._file || ':' || t._line AS said_in
FROM crm.tickets AS t
LEFT JOIN ticket_topics AS k ON k.interaction_id = t.ticket_id
LEFT JOIN staging.persons AS p ON p.customer_id = t.customer_id
LEFT JOIN visits AS w ON w.customer_id = t.customer_id
LEFT JOIN orders AS o ON o.order_id = t.order_id
WHERE
  t.needed_by IS NOT NULL
  AND t.status <> 'closed'
  AND CAST(t.created_at AS DATE) <= $as_of
ORDER BY t.needed_by, t.ticket_id
