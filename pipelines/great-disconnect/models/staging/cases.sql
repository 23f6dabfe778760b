-- What one person wrote about one product and topic, however often and on however many platforms,
-- is one case, linked to its ticket. A remedy counts only if it was promised after the first
-- complaint, and only from the day on which it reached the customer. `state`: `remedied`,
-- `promised`, `answered` (its tickets are closed), `open` (one is not), `unanswered` (there is no
-- ticket).
-- @column case_id: The first text and the topic.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column person: Who complained, as far as counting goes.
-- @column customer_id: The customer, where they are known.
-- @column product_id: The product.
-- @column region: The region of the buyer.
-- @column order_id: The order.
-- @column order_line: The line of the order.
-- @column finished_lot: The finished lot.
-- @column first_on: The day of the first text.
-- @column last_on: The day of the last text.
-- @column tellings: How many texts the case has.
-- @column kinds: The kinds of these texts.
-- @column platforms: The platforms of these texts.
-- @column interactions: These texts, the first one first.
-- @column ticket_id: The ticket of the case; blank without one.
-- @column promised_on: The day on which a remedy was first promised.
-- @column remedied_on: The day on which a remedy reached the customer.
-- @column counted: Whether the case counts as a complaint.
-- @column state: remedied, promised, answered, open or unanswered.
WITH
numbered_complaints AS (
  SELECT
    c.*,
    t.ticket_id,
    t.status <> 'closed' AS open,
    sum(CASE WHEN c.again THEN 0 ELSE 1 END) OVER (
      PARTITION BY c.person, c.product_id, c.topic
      ORDER BY c.created_on, c.interaction_id
    ) AS nth
  FROM staging.complaints AS c
  LEFT JOIN crm.tickets AS t ON t.ticket_id = c.interaction_id
),
cases AS (
  SELECT
    array_agg(interaction_id ORDER BY created_on, interaction_id)[1] || ' ' || topic AS case_id,
    topic,
    severity,
    person,
    product_id,
    min(created_on) AS first_on,
    max(created_on) AS last_on,
    count(*) AS tellings,
    string_agg(interaction_id, ', ' ORDER BY created_on, interaction_id) AS interactions,
    array_to_string(array_sort(array_agg(DISTINCT kind)), ', ') AS kinds,
    array_to_string(
      array_sort(array_agg(DISTINCT platforms) FILTER (WHERE platforms IS NOT NULL)),
      ', '
    ) AS platforms,
    max(customer_id) AS customer_id,
    max(region) AS region,
    max(order_id) AS order_id,
    max(order_line) AS order_line,
    max(finished_lot) AS finished_lot,
    bool_or(counted) AS counted,
    min(ticket_id) AS ticket_id,
    bool_or(open) AS open
  FROM numbered_complaints
  GROUP BY topic, severity, person, product_id, nth
),
remedied_cases AS (
  SELECT c.*, min(r.happened_on) AS promised_on, min(r.delivered_on) AS remedied_on
  FROM cases AS c
  LEFT JOIN
    staging.after_sales AS r ON r.kind = 'remedy'
    AND r.order_id = c.order_id
    AND r.order_line = c.order_line
    AND r.happened_on >= c.first_on
  GROUP BY ALL
)
SELECT
  case_id,
  topic,
  severity,
  person,
  customer_id,
  product_id,
  region,
  order_id,
  order_line,
  finished_lot,
  first_on,
  last_on,
  tellings,
  kinds,
  platforms,
  interactions,
  ticket_id,
  promised_on,
  remedied_on,
  counted,
  CASE
    WHEN remedied_on IS NOT NULL THEN 'remedied'
    WHEN promised_on IS NOT NULL THEN 'promised'
    WHEN ticket_id IS NULL THEN 'unanswered'
    WHEN open THEN 'open'
    ELSE 'answered'
  END AS state
FROM remedied_cases
