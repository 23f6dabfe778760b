-- How far each known buyer is with an incident, one row a buyer: when the first message about it
-- reached them and when the second, what they answered (crm.replies) and chose, and how many of
-- their affected pairs came back. `silent` is who was informed, has not answered and still has a
-- pair after the days that seeds/notices.csv gives: they get a second notice. Own messages are
-- known with their incident, those that the CRM lists by their template alone.
-- @column incident: The incident: topic and leading suspect.
-- @column customer_id: The buyer.
-- @column units: Pairs that are, or may be, of the suspect lots.
-- @column units_back: How many of these came back.
-- @column settled: Whether all lines of the buyer came back or were made good.
-- @column informed_on: The day of the first message about it that reached the buyer.
-- @column second_on: The day of the second notice.
-- @column answered_on: The day of the first reply.
-- @column choice: What the buyer chose: replacement, refund, or unclear; blank without a reply.
-- @column state: settled, answered, silent, informed, or not informed.
WITH
returns AS (
  SELECT order_id, order_line, sum(quantity) AS quantity
  FROM staging.after_sales
  WHERE kind = 'return'
  GROUP BY order_id, order_line
),
buyers AS (
  SELECT
    a.incident,
    a.customer_id,
    n.template_id,
    n.second_template_id,
    CAST(n.second_after_days AS INT) AS second_after_days,
    sum(a.units) AS units,
    sum(least(a.units, coalesce(r.quantity, 0))) AS units_back,
    bool_and(a.settled IS NOT NULL) AS settled
  FROM outreach.affected AS a
  JOIN seeds.notices AS n ON n.topic = a.topic AND n.severity = a.severity
  LEFT JOIN returns AS r ON r.order_id = a.order_id AND r.order_line = a.order_line
  WHERE a.customer_id IS NOT NULL
  GROUP BY
    a.incident,
    a.customer_id,
    n.template_id,
    n.second_template_id,
    n.second_after_days
),
notices AS (
  SELECT
    b.incident,
    b.customer_id,
    min(CAST(s.sent_at AS DATE)) FILTER (WHERE s.template = b.template_id) AS informed_on,
    min(CAST(s.sent_at AS DATE)) FILTER (WHERE s.template = b.second_template_id) AS second_on
  FROM buyers AS b
  JOIN
    staging.sends AS s ON s.customer_id = b.customer_id
    AND coalesce(s.incident, b.incident) = b.incident
  WHERE CAST(s.sent_at AS DATE) <= $as_of AND s.outcome <> 'bounced'
  GROUP BY b.incident, b.customer_id
),
replies AS (
  SELECT
    a.incident,
    a.customer_id,
    min(CAST(r.received_at AS DATE)) AS answered_on,
    arg_max(coalesce(nullif(r.choice, ''), 'unclear'), r.received_at) AS choice
  FROM crm.replies AS r
  JOIN
    outreach.affected AS a ON a.customer_id = r.customer_id
    AND coalesce(nullif(r.order_id, ''), a.order_id) = a.order_id
  WHERE CAST(r.received_at AS DATE) <= $as_of
  GROUP BY a.incident, a.customer_id
)
SELECT
  b.incident,
  b.customer_id,
  b.units,
  b.units_back,
  b.settled,
  n.informed_on,
  n.second_on,
  r.answered_on,
  r.choice,
  CASE
    WHEN b.settled THEN 'settled'
    WHEN r.answered_on IS NOT NULL THEN 'answered'
    WHEN days_between(n.informed_on, $as_of) >= b.second_after_days THEN 'silent'
    WHEN n.informed_on IS NOT NULL THEN 'informed'
    ELSE 'not informed'
  END AS state
FROM buyers AS b
LEFT JOIN notices AS n ON n.incident = b.incident AND n.customer_id = b.customer_id
LEFT JOIN replies AS r ON r.incident = b.incident AND r.customer_id = b.customer_id
