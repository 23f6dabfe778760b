-- What advertisements brought and what harm they did: by campaign (its template), for all, each partner, channel and
-- partner's channel. `lift` compares the margin of those who were to be written to with that of the people held out by
-- the rule that compose uses (10 %, by hash), whether or not a message arrived: chance alone divides them. It counts
-- from the first message of the campaign to $effect_days after the last. `claimed_eur` is what attribution would claim: all that was
-- bought within $effect_days after a message by those who got one. Where those held out were written to all
-- the same, nothing can be compared: lift is blank, and `finding` says why. Over three years come the later purchases of
-- those who bought because of a message, as cmo.retention foresees them: where that model was not held against later
-- periods it says nothing, and neither does the row. The ends of that interval take the worst of both, lift and forecast.
WITH campaigns AS (
  SELECT template, min(CAST(sent_at AS DATE)) AS first_on, max(CAST(sent_at AS DATE)) AS last_on
  FROM crm.sends WHERE purpose = 'advertisement' AND CAST(sent_at AS DATE) <= $as_of
  GROUP BY template
),
allowed AS (
  SELECT customer_id FROM crm.consents WHERE purpose = 'advertisement' GROUP BY customer_id HAVING bool_or(state = 'granted')
),
sent AS (
  SELECT customer_id, template, min(CAST(sent_at AS DATE)) AS sent_on, count(*) AS messages,
         count(*) FILTER (WHERE outcome = 'unsubscribed') AS unsubscribed, count(*) FILTER (WHERE outcome = 'complained') AS complained
  FROM crm.sends WHERE purpose = 'advertisement' AND CAST(sent_at AS DATE) <= $as_of
  GROUP BY customer_id, template
),
bought AS (
  SELECT customer_id, ordered_on, shipped * (unit_price_eur - unit_cost_eur) AS margin
  FROM staging.order_lines WHERE customer_id IS NOT NULL AND shipped > 0
),
people AS (
  SELECT k.template, c.customer_id, c.owner AS partner, c.channel, held_out(c.customer_id, k.template, 0.1) AS held, k.first_on, k.last_on,
         s.sent_on, s.messages, s.unsubscribed, s.complained
  FROM campaigns AS k
  CROSS JOIN crm.customers AS c
  JOIN allowed AS a ON a.customer_id = c.customer_id
  LEFT JOIN sent AS s ON s.customer_id = c.customer_id AND s.template = k.template
  WHERE CAST(c.created_at AS DATE) <= k.first_on
),
earned AS (
  SELECT p.template, p.customer_id, CAST(sum(CAST(b.margin AS DECIMAL(20, 6))) AS DOUBLE) AS margin,
         CAST(sum(CAST(CASE WHEN CAST(b.ordered_on AS INT) - CAST(p.sent_on AS INT) BETWEEN 0 AND $effect_days THEN b.margin ELSE 0.0 END AS DECIMAL(20, 6))) AS DOUBLE) AS claimed
  FROM people AS p
  JOIN bought AS b ON b.customer_id = p.customer_id AND b.ordered_on >= p.first_on AND CAST(b.ordered_on AS INT) <= CAST(p.last_on AS INT) + $effect_days
  GROUP BY p.template, p.customer_id
),
units AS (
  SELECT p.template, p.first_on, p.last_on, p.held, p.sent_on, p.messages, p.unsubscribed, p.complained,
         coalesce(e.margin, 0) AS margin_eur, coalesce(e.claimed, 0) AS claimed_eur, CASE WHEN e.customer_id IS NULL THEN 0.0 ELSE 1.0 END AS buys,
         unnest(make_array('all', 'partner', 'channel', 'partner and channel')) AS kind,
         unnest(make_array('all', coalesce(p.partner, 'none'), p.channel, coalesce(p.partner, 'none') || ' ' || p.channel)) AS unit
  FROM people AS p
  LEFT JOIN earned AS e ON e.template = p.template AND e.customer_id = p.customer_id
),
counts AS (
  SELECT template, kind, unit, min(first_on) AS first_on, max(last_on) AS last_on, count(*) FILTER (WHERE NOT held) AS meant, count(*) FILTER (WHERE held) AS held_out,
         count(sent_on) FILTER (WHERE held) AS held_but_written, count(sent_on) AS written, sum(messages) AS messages,
         sum(unsubscribed) AS unsubscribed, sum(complained) AS complained,
         CAST(sum(CAST(claimed_eur AS DECIMAL(20, 6))) AS DOUBLE) AS claimed_eur, lift(margin_eur, NOT held) AS l, lift(buys, NOT held) AS b
  FROM units
  GROUP BY template, kind, unit
),
rated AS (
  SELECT template, kind, unit, proportion(unsubscribed + complained, messages) AS h FROM counts WHERE messages > 0 GROUP BY template, kind, unit
),
-- A holdout is kept by the whole campaign or by nobody: a partner who wrote to none of their three has proven nothing.
kept AS (
  SELECT template, held_out, held_but_written FROM counts WHERE kind = 'all'
),
judged AS (
  SELECT c.*, r.h, k.held_out AS all_held, k.held_but_written AS all_written,
         c.held_out >= 20 AND c.meant >= 20 AND k.held_but_written = 0 AND CAST(c.last_on AS INT) + $effect_days <= CAST($as_of AS INT) AS comparable
  FROM counts AS c
  JOIN kept AS k ON k.template = c.template
  LEFT JOIN rated AS r ON r.template = c.template AND r.kind = c.kind AND r.unit = c.unit
),
found AS (
  SELECT j.*, r.finding AS staying, r.low * r.margin_eur AS least_eur, r.expected * r.margin_eur AS later_eur, r.high * r.margin_eur AS most_eur,
         CASE WHEN all_written > 0 THEN 'not known: ' || all_written || ' of ' || all_held || ' people held out of the campaign were written to all the same'
              WHEN held_out < 20 OR meant < 20 THEN 'not known: fewer than 20 people on one side'
              WHEN NOT comparable THEN 'not known yet: the days that count after the last message are not over' END AS obstacle
  FROM judged AS j
  LEFT JOIN cmo.retention AS r ON r.kind = j.kind AND r.unit = j.unit
),
horizons AS (
  SELECT *, 'short' AS horizon, obstacle AS why_not, l['lift'] AS lift, l['low'] AS low, l['high'] AS high FROM found
  UNION ALL
  SELECT *, 'three years', coalesce(obstacle, CASE WHEN staying IS DISTINCT FROM 'stated' THEN coalesce(staying, 'not known: nobody of these bought before') END),
         l['lift'] + b['lift'] * later_eur,
         l['low'] + b['low'] * CASE WHEN b['low'] < 0 THEN most_eur ELSE least_eur END,
         l['high'] + b['high'] * CASE WHEN b['high'] < 0 THEN least_eur ELSE most_eur END
  FROM found
)
SELECT template AS campaign, kind, unit, horizon, first_on, last_on, meant, held_out, written, held_but_written,
       CASE WHEN why_not IS NULL THEN lift END AS lift_eur, CASE WHEN why_not IS NULL THEN low END AS lift_low, CASE WHEN why_not IS NULL THEN high END AS lift_high,
       CASE WHEN why_not IS NULL THEN lift * meant END AS brought_eur, claimed_eur, messages, unsubscribed, complained,
       h['share'] AS harm_share, h['low'] AS harm_low, h['high'] AS harm_high,
       CASE WHEN why_not IS NOT NULL THEN why_not
            WHEN low > 0 THEN 'brought more than it would have been without'
            WHEN high < 0 THEN 'brought less than it would have been without'
            ELSE 'no effect that chance would not bring' END AS finding
FROM horizons
