-- How long it took, per incident: from the first unit on its way and the first complaint, to the
-- first day on which the evidence would have put it before a person (`noticed_on`, detection), to
-- the first on which it would have led (`cause_on`; both by coo.replay), to the day a named person
-- confirmed it, and to the first message about it that reached an affected buyer, as far as the
-- CRM's list of messages and the own ledger go; and how complete it is: who was informed, who
-- answered and chose what (outreach.answers), and how many pairs came back. What has not happened
-- by `$as_of` is blank, and `reason` says so.
-- @column incident: The incident: topic and leading suspect.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column first_shipped_on: When the first suspect pair was shipped.
-- @column first_complaint_on: The day of the first complaint.
-- @column noticed_on: The first day on which the evidence would have put it before a person.
-- @column cause_on: The first day on which it would have been a leading suspect.
-- @column confirmed_on: The day on which a named person confirmed it.
-- @column contacted_on: The day of the first message that reached an affected buyer.
-- @column days_to_notice: Days from the first complaint to noticed_on.
-- @column days_to_cause: Days from the first complaint to cause_on.
-- @column days_to_contact: Days from the first complaint to contacted_on.
-- @column days_since_cause: Days since cause_on.
-- @column buyers: Affected buyers who are known.
-- @column contacted: How many of these a message has reached.
-- @column second_notices: How many got a second notice.
-- @column answered: How many replied.
-- @column chose_replacement: How many of these chose a new pair.
-- @column chose_refund: How many chose the money.
-- @column silent: Who was informed long ago, has not answered and still has a pair.
-- @column units: Affected pairs, those without a known buyer included.
-- @column units_back: How many of these came back.
-- @column reason: The same in one sentence.
WITH
first_events AS (
  SELECT
    e.incident,
    min(o.shipped_on) AS first_shipped_on,
    min(e.created_on) AS first_complaint_on
  FROM ceo.evidence AS e
  LEFT JOIN staging.order_lines AS o USING (order_id, order_line)
  GROUP BY e.incident
),
replayed_days AS (
  SELECT
    incident,
    min(day) FILTER (WHERE would_be <> 'no evidence') AS noticed_on,
    min(day) FILTER (WHERE would_be = 'leading suspect') AS cause_on
  FROM coo.replay
  GROUP BY incident
),
confirmations AS (
  SELECT topic || ': ' || suspect AS incident, min(confirmed_on) AS confirmed_on
  FROM seeds.confirmations
  WHERE confirmed_on <= $as_of
  GROUP BY topic, suspect
),
completion AS (
  SELECT
    incident,
    count(*) AS buyers,
    count(informed_on) AS contacted,
    min(informed_on) AS contacted_on,
    count(second_on) AS second_notices,
    count(answered_on) AS answered,
    count(*) FILTER (WHERE choice = 'replacement') AS chose_replacement,
    count(*) FILTER (WHERE choice = 'refund') AS chose_refund,
    count(*) FILTER (WHERE state = 'silent') AS silent
  FROM outreach.answers
  GROUP BY incident
),
units AS (
  SELECT
    a.incident,
    sum(a.units) AS units,
    sum(least(a.units, coalesce(r.returned, 0))) AS units_back
  FROM outreach.affected AS a
  LEFT JOIN staging.order_lines AS r USING (order_id, order_line)
  GROUP BY a.incident
)
SELECT
  i.incident,
  i.topic,
  i.severity,
  least(
    coalesce(i.first_shipped_on, f.first_shipped_on),
    coalesce(f.first_shipped_on, i.first_shipped_on)
  ) AS first_shipped_on,
  f.first_complaint_on,
  d.noticed_on,
  d.cause_on,
  c.confirmed_on,
  k.contacted_on,
  days_between(f.first_complaint_on, d.noticed_on) AS days_to_notice,
  days_between(f.first_complaint_on, d.cause_on) AS days_to_cause,
  days_between(f.first_complaint_on, k.contacted_on) AS days_to_contact,
  days_between(d.cause_on, $as_of) AS days_since_cause,
  coalesce(k.buyers, 0) AS buyers,
  coalesce(k.contacted, 0) AS contacted,
  coalesce(k.second_notices, 0) AS second_notices,
  coalesce(k.answered, 0) AS answered,
  coalesce(k.chose_replacement, 0) AS chose_replacement,
  coalesce(k.chose_refund, 0) AS chose_refund,
  coalesce(k.silent, 0) AS silent,
  u.units,
  u.units_back,
  concat(
    'First complaint on ' || f.first_complaint_on,
    coalesce(
      '; before a person on ' || d.noticed_on,
      '; day by day it never stood out, so it is not known when it could have been known'
    ),
    '; leading from ' || d.cause_on,
    coalesce('; confirmed on ' || c.confirmed_on, '; not confirmed by a person'),
    coalesce(
      '; first buyer informed on ' || k.contacted_on,
      '; none of ' || k.buyers || ' buyers informed by ' || $as_of,
      '; no message to buyers is foreseen'
    ),
    '.'
  ) AS reason
FROM ceo.incident AS i
LEFT JOIN first_events AS f ON f.incident = i.incident
LEFT JOIN replayed_days AS d ON d.incident = i.incident
LEFT JOIN confirmations AS c ON c.incident = i.incident
LEFT JOIN completion AS k ON k.incident = i.incident
LEFT JOIN units AS u ON u.incident = i.incident
