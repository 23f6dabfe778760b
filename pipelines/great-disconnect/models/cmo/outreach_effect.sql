-- What advertisements brought and what harm they did: by campaign (its template), for all, each
-- partner, channel and partner's channel. `lift` compares the margin of the people who were to be
-- written to with that of the people held out by the rule that compose uses (10 %, by hash),
-- whether or not a message arrived: chance alone divides them. It counts from the first message of
-- the campaign to $effect_days after the last. `claimed_eur` is what attribution would claim: all
-- that was bought within $effect_days after a message by its recipients. Where the people held
-- out were written to all the same, nothing can be compared: lift is blank, and `finding` says why.
-- Over three years come the later purchases of people who bought because of a message, as
-- cmo.retention foresees them: where that model was not held against later periods it says nothing,
-- and neither does the row. The ends of that interval take the worst of both, lift and forecast.
-- @column campaign: The template of the advertisement.
-- @column kind: all, partner, channel, or partner and channel.
-- @column unit: Which of this kind.
-- @column horizon: short: until some days after the last message; or three years.
-- @column first_on: The day of the first message.
-- @column last_on: The day of the last message.
-- @column meant: People who were to be written to.
-- @column held_out: People whom the holdout rule left out.
-- @column written: People who were written to.
-- @column held_but_written: People held out who were written to all the same.
-- @column lift_eur: Margin a person more than without; blank where it is not known.
-- @column lift_low: Lower end of the 95 % interval of the lift.
-- @column lift_high: Upper end of the 95 % interval of the lift.
-- @column brought_eur: Lift times the people meant, in euros.
-- @column claimed_eur: Margin that attribution would claim, in euros.
-- @column messages: Messages sent.
-- @column unsubscribed: Messages that led to an unsubscription.
-- @column complained: Messages that led to a complaint.
-- @column harm_share: Share of messages that did harm: unsubscribed or complained.
-- @column harm_low: Lower end of Wilson's 95 % interval of the share.
-- @column harm_high: Upper end of Wilson's 95 % interval of the share.
-- @column finding: What was found, or why it is not known.
WITH
advertisements AS (
  SELECT customer_id, template, CAST(sent_at AS DATE) AS sent_on, outcome
  FROM staging.sends
  WHERE purpose = 'advertisement' AND CAST(sent_at AS DATE) <= $as_of
),
campaigns AS (
  SELECT template, min(sent_on) AS first_on, max(sent_on) AS last_on
  FROM advertisements
  GROUP BY template
),
consenting_customers AS (
  SELECT customer_id
  FROM crm.consents
  WHERE purpose = 'advertisement'
  GROUP BY customer_id
  HAVING bool_or(state = 'granted')
),
customer_messages AS (
  SELECT
    customer_id,
    template,
    min(sent_on) AS sent_on,
    count(*) AS messages,
    count(*) FILTER (WHERE outcome = 'unsubscribed') AS unsubscribed,
    count(*) FILTER (WHERE outcome = 'complained') AS complained
  FROM advertisements
  GROUP BY customer_id, template
),
purchases AS (
  SELECT customer_id, ordered_on, shipped * (unit_price_eur - unit_cost_eur) AS margin
  FROM staging.order_lines
  WHERE customer_id IS NOT NULL AND shipped > 0
),
campaign_customers AS (
  SELECT
    k.template,
    c.customer_id,
    c.owner AS partner,
    c.channel,
    held_out(c.customer_id, k.template, 0.1) AS held,
    k.first_on,
    k.last_on,
    m.sent_on,
    m.messages,
    m.unsubscribed,
    m.complained
  FROM campaigns AS k
  CROSS JOIN crm.customers AS c
  JOIN consenting_customers AS a ON a.customer_id = c.customer_id
  LEFT JOIN
    customer_messages AS m ON m.customer_id = c.customer_id
    AND m.template = k.template
  WHERE CAST(c.created_at AS DATE) <= k.first_on
),
customer_purchases AS (
  SELECT
    c.template,
    c.customer_id,
    p.margin,
    days_between(c.sent_on, p.ordered_on) AS days_since_message
  FROM campaign_customers AS c
  JOIN
    purchases AS p ON p.customer_id = c.customer_id
    AND p.ordered_on >= c.first_on
    AND days_between(c.last_on, p.ordered_on) <= $effect_days
),
customer_margins AS (
  SELECT
    template,
    customer_id,
    exact_sum(margin) AS margin,
    exact_sum(margin) FILTER (WHERE days_since_message BETWEEN 0 AND $effect_days) AS claimed
  FROM customer_purchases
  GROUP BY template, customer_id
),
unit_customers AS (
  SELECT
    c.template,
    c.first_on,
    c.last_on,
    c.held,
    c.sent_on,
    c.messages,
    c.unsubscribed,
    c.complained,
    coalesce(m.margin, 0) AS margin_eur,
    coalesce(m.claimed, 0) AS claimed_eur,
    CASE WHEN m.customer_id IS NULL THEN 0.0 ELSE 1.0 END AS buys,
    unnest(make_array('all', 'partner', 'channel', 'partner and channel')) AS kind,
    unnest(
      make_array(
        'all',
        coalesce(c.partner, 'none'),
        c.channel,
        coalesce(c.partner, 'none') || ' ' || c.channel
      )
    ) AS unit
  FROM campaign_customers AS c
  LEFT JOIN
    customer_margins AS m ON m.template = c.template
    AND m.customer_id = c.customer_id
),
units AS (
  SELECT
    template,
    kind,
    unit,
    min(first_on) AS first_on,
    max(last_on) AS last_on,
    days_between(max(last_on), $as_of) < $effect_days AS running,
    count(*) FILTER (WHERE NOT held) AS meant,
    count(*) FILTER (WHERE held) AS held_out,
    count(sent_on) FILTER (WHERE held) AS held_but_written,
    count(sent_on) AS written,
    sum(messages) AS messages,
    sum(unsubscribed) AS unsubscribed,
    sum(complained) AS complained,
    exact_sum(claimed_eur) AS claimed_eur,
    lift(margin_eur, NOT held) AS margin_lift,
    lift(buys, NOT held) AS buyer_lift
  FROM unit_customers
  GROUP BY template, kind, unit
),
harm_rates AS (
  SELECT template, kind, unit, proportion(unsubscribed + complained, messages) AS harm
  FROM units
  WHERE messages > 0
  GROUP BY template, kind, unit
),
-- A holdout is kept by the whole campaign or not at all: a partner who wrote to none of their three
-- has proven nothing.
unit_forecasts AS (
  SELECT
    u.*,
    h.harm,
    r.finding AS staying,
    r.low * r.margin_eur AS least_eur,
    r.expected * r.margin_eur AS later_eur,
    r.high * r.margin_eur AS most_eur,
    CASE
      WHEN a.held_but_written > 0 THEN concat(
        'not known: ',
        a.held_but_written,
        ' of ',
        a.held_out,
        ' people held out of the campaign were written to all the same'
      )
      WHEN u.held_out < 20
      OR u.meant < 20 THEN 'not known: fewer than 20 people on one side'
      WHEN u.running THEN 'not known yet: the days that count after the last message are not over'
    END AS obstacle
  FROM units AS u
  JOIN units AS a ON a.template = u.template AND a.kind = 'all'
  LEFT JOIN
    harm_rates AS h ON h.template = u.template
    AND h.kind = u.kind
    AND h.unit = u.unit
  LEFT JOIN cmo.retention AS r ON r.kind = u.kind AND r.unit = u.unit
),
horizons AS (
  SELECT
    *,
    'short' AS horizon,
    obstacle AS why_not,
    margin_lift['lift'] AS lift,
    margin_lift['low'] AS low,
    margin_lift['high'] AS high
  FROM unit_forecasts
  UNION ALL
  SELECT
    *,
    'three years',
    coalesce(
      obstacle,
      nullif(coalesce(staying, 'not known: none of these bought before'), 'stated')
    ),
    margin_lift['lift'] + buyer_lift['lift'] * later_eur,
    margin_lift['low'] + least(buyer_lift['low'] * least_eur, buyer_lift['low'] * most_eur),
    margin_lift['high'] + greatest(buyer_lift['high'] * least_eur, buyer_lift['high'] * most_eur)
  FROM unit_forecasts
)
SELECT
  template AS campaign,
  kind,
  unit,
  horizon,
  first_on,
  last_on,
  meant,
  held_out,
  written,
  held_but_written,
  CASE WHEN why_not IS NULL THEN lift END AS lift_eur,
  CASE WHEN why_not IS NULL THEN low END AS lift_low,
  CASE WHEN why_not IS NULL THEN high END AS lift_high,
  CASE WHEN why_not IS NULL THEN lift * meant END AS brought_eur,
  claimed_eur,
  messages,
  unsubscribed,
  complained,
  harm['share'] AS harm_share,
  harm['low'] AS harm_low,
  harm['high'] AS harm_high,
  CASE
    WHEN why_not IS NOT NULL THEN why_not
    WHEN low > 0 THEN 'brought more than it would have been without'
    WHEN high < 0 THEN 'brought less than it would have been without'
    ELSE 'no effect that chance would not bring'
  END AS finding
FROM horizons
