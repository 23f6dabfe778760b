-- When could it have been known? Each leading suspect is judged again for every day on which one
-- of its first $replay_complaints complaints came, and for the day of the last, with the
-- complaints and the sales up to that day only: how many complaints in how many units, the rate
-- ratio with its interval, the exact one-sided p, and q over all pairs that could be compared that
-- day (every lot, period, supplier, plant, product, region or carrier that had sold, times the
-- topics complained about so far; Benjamini and Hochberg 1995). `would_be` goes by the limits of
-- the verdicts. Links, tracing and topics are those of today, and neither the wider interval for
-- spread among lots nor the removal of what another suspect explains is replayed: a run with an
-- earlier `as_of` judges in full. A window is that of today; since it was searched, its p counts
-- for as many as its series had windows that day.
-- @column incident: The incident: topic and leading suspect.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column day: The day that is replayed.
-- @column complaints: Complaints of the suspect up to that day.
-- @column shipped: Its pairs sold up to that day.
-- @column rest_complaints: Complaints elsewhere up to that day.
-- @column rest_shipped: Pairs sold elsewhere up to that day.
-- @column rate_ratio: Rate here over the rate elsewhere; blank where elsewhere has no complaint.
-- @column rate_ratio_low: Lower end of the 95 % interval of the ratio.
-- @column rate_ratio_high: Upper end of the 95 % interval of the ratio; blank where it has none.
-- @column p_value: Exact one-sided p of the comparison.
-- @column q_value: False discovery rate over all pairs of that day.
-- @column pairs_compared: How many pairs could be compared that day.
-- @column would_be: The verdict that day would have brought.
WITH
leading_suspects AS (
  SELECT topic, factor, suspect AS value, topic || ': ' || suspect AS incident
  FROM coo.attribution
  WHERE verdict = 'leading suspect' AND part_of IS NULL
),
-- Lots of windows that lead, as values like any other.
window_lots AS (
  SELECT factor, suspect AS value, finished_lot
  FROM coo.window_lots
  WHERE verdict = 'leading suspect' AND part_of IS NULL
  GROUP BY factor, suspect, finished_lot
),
complaint_factors AS (
  SELECT family, topic, interaction_id, created_on, factor, value
  FROM staging.complaint_factors
  UNION ALL
  SELECT c.family, c.topic, c.interaction_id, c.created_on, w.factor, w.value
  FROM window_lots AS w
  JOIN staging.complaints AS c ON c.finished_lot = w.finished_lot
  WHERE c.family IS NOT NULL AND c.family <> 'delivery'
),
suspect_complaints AS (
  SELECT
    s.incident,
    c.family,
    c.topic,
    c.factor,
    c.value,
    c.created_on,
    rank() OVER (PARTITION BY c.topic, c.factor, c.value ORDER BY c.created_on) AS nth,
    max(c.created_on) OVER (PARTITION BY c.topic, c.factor, c.value) AS last_on
  FROM complaint_factors AS c
  JOIN
    leading_suspects AS s ON s.topic = c.topic
    AND s.factor = c.factor
    AND s.value = c.value
),
suspect_days AS (
  SELECT DISTINCT incident, family, topic, factor, value, created_on AS day
  FROM suspect_complaints
  WHERE nth <= $replay_complaints OR created_on = last_on
),
days AS (
  SELECT DISTINCT
    family,
    CASE WHEN family = 'delivery' THEN 'delivery' ELSE 'product' END AS about,
    day
  FROM suspect_days
),
-- Complaints up to each day: of each topic, and of each topic and value.
topic_days AS (
  SELECT d.family, d.day, c.topic, count(*) AS complaints
  FROM days AS d
  JOIN staging.complaints AS c ON c.family = d.family AND c.created_on <= d.day
  GROUP BY d.family, d.day, c.topic
),
value_days AS (
  SELECT d.family, d.day, c.topic, c.factor, c.value, count(*) AS complaints
  FROM days AS d
  JOIN complaint_factors AS c ON c.family = d.family AND c.created_on <= d.day
  GROUP BY d.family, d.day, c.topic, c.factor, c.value
),
-- Sales of lines whose lot is known, under the first of these days on which they had been ordered.
known_days AS (
  SELECT o.ordered_on, min(d.day) AS day
  FROM (SELECT DISTINCT ordered_on FROM staging.order_lines) AS o
  JOIN days AS d ON d.day >= o.ordered_on
  GROUP BY o.ordered_on
),
lines AS (
  SELECT k.day, o.finished_lot, o.region, o.carrier, o.carrier_month, o.shipped
  FROM staging.order_lines AS o
  JOIN known_days AS k ON k.ordered_on = o.ordered_on
  WHERE o.finished_lot IS NOT NULL AND o.shipped > 0
),
lot_sales AS (
  SELECT day, finished_lot, sum(shipped) AS shipped
  FROM lines
  GROUP BY day, finished_lot
),
way_sales AS (
  SELECT day, region, carrier, carrier_month, sum(shipped) AS shipped
  FROM lines
  GROUP BY day, region, carrier, carrier_month
),
sold_values AS (
  SELECT 'finished_lot' AS factor, finished_lot AS value, day, shipped
  FROM lot_sales
  UNION ALL
  SELECT f.factor, f.value, s.day, s.shipped
  FROM lot_sales AS s
  JOIN staging.lot_factors AS f ON f.finished_lot = s.finished_lot
  UNION ALL
  SELECT w.factor, w.value, s.day, s.shipped
  FROM lot_sales AS s
  JOIN window_lots AS w ON w.finished_lot = s.finished_lot
  UNION ALL
  SELECT
    unnest(make_array('region', 'carrier', 'carrier_month')),
    unnest(make_array(region, carrier, carrier_month)),
    day,
    shipped
  FROM way_sales
),
sales AS (
  SELECT factor, value, day, sum(shipped) AS shipped
  FROM sold_values
  WHERE value IS NOT NULL
  GROUP BY factor, value, day
),
-- What had been sold of each value by the days it was complained about: sales are added up by day.
sales_and_complaints AS (
  SELECT factor, value, day, shipped
  FROM sales
  UNION ALL BY NAME
  SELECT factor, value, day, family, topic, complaints, 0 AS shipped
  FROM value_days
),
value_units AS (
  SELECT
    family,
    topic,
    factor,
    value,
    day,
    complaints,
    sum(shipped) OVER (PARTITION BY factor, value ORDER BY day) AS shipped
  FROM sales_and_complaints
),
all_sales AS (SELECT day, shipped FROM lines UNION ALL SELECT day, 0 FROM days),
all_units AS (
  SELECT day, sum(sum(shipped)) OVER (ORDER BY day) AS shipped
  FROM all_sales
  GROUP BY day
),
-- How many pairs of value and topic could be compared by a day.
first_sales AS (
  SELECT factor, value, min(day) AS day
  FROM sales
  GROUP BY factor, value
),
begun_values AS (
  SELECT f.about, s.day, count(*) AS begun
  FROM first_sales AS s
  JOIN seeds.factors AS f ON f.factor = s.factor
  GROUP BY f.about, s.day
),
values_known AS (
  SELECT d.family, d.day, sum(b.begun) AS known
  FROM days AS d
  JOIN begun_values AS b ON b.about = d.about AND b.day <= d.day
  GROUP BY d.family, d.day
),
topics_known AS (SELECT family, day, count(*) AS known FROM topic_days GROUP BY family, day),
compared_values AS (
  SELECT
    v.family,
    v.day,
    v.topic,
    v.factor,
    v.value,
    v.complaints,
    t.complaints - v.complaints AS rest_complaints,
    v.shipped,
    a.shipped - v.shipped AS rest_shipped,
    n.known * k.known AS pairs_compared
  FROM value_units AS v
  JOIN topic_days AS t ON t.family = v.family AND t.day = v.day AND t.topic = v.topic
  JOIN all_units AS a ON a.day = v.day
  JOIN values_known AS n ON n.family = v.family AND n.day = v.day
  JOIN topics_known AS k ON k.family = v.family AND k.day = v.day
  WHERE v.topic IS NOT NULL AND v.shipped > 0
),
-- Steps of the series of a window that had sold by a day: the windows that could be looked at.
first_steps AS (
  SELECT w.factor, w.suspect AS value, s.step, min(l.day) AS day
  FROM coo.windows AS w
  JOIN staging.lot_series AS s ON s.factor = w.factor AND s.series = w.series
  JOIN lot_sales AS l ON l.finished_lot = s.finished_lot
  WHERE w.verdict = 'leading suspect' AND w.part_of IS NULL
  GROUP BY w.factor, w.suspect, s.step
),
searched_windows AS (
  SELECT d.day, f.factor, f.value, count(*) * (count(*) + 1) / 2 AS windows
  FROM (SELECT DISTINCT day FROM days) AS d
  JOIN first_steps AS f ON f.day <= d.day
  GROUP BY d.day, f.factor, f.value
),
comparisons AS (
  SELECT
    c.*,
    rate_ratio(
      CASE WHEN i.inside THEN c.complaints ELSE c.rest_complaints END,
      CASE WHEN i.inside THEN c.shipped ELSE c.rest_shipped END,
      i.inside
    ) AS r
  FROM compared_values AS c
  CROSS JOIN (VALUES (true), (false)) AS i(inside)
  GROUP BY ALL
),
suspect_comparisons AS (
  SELECT
    c.* EXCLUDE (r),
    c.r['ratio'] AS rate_ratio,
    c.r['low'] AS rate_ratio_low,
    c.r['high'] AS rate_ratio_high,
    least(1.0, coalesce(c.r['p'], 1.0) * coalesce(w.windows, 1)) AS p_value,
    coalesce(c.r['low'] > 1 AND c.r['high'] <= $min_ratio, false) AS small_effect,
    s.incident,
    s.incident IS NOT NULL AS of_suspect
  FROM comparisons AS c
  LEFT JOIN
    searched_windows AS w ON w.day = c.day
    AND w.factor = c.factor
    AND w.value = c.value
  LEFT JOIN
    suspect_days AS s ON s.family = c.family
    AND s.day = c.day
    AND s.topic = c.topic
    AND s.factor = c.factor
    AND s.value = c.value
)
SELECT
  incident,
  topic,
  day,
  complaints,
  shipped,
  rest_complaints,
  rest_shipped,
  rate_ratio,
  rate_ratio_low,
  rate_ratio_high,
  p_value,
  q_value,
  pairs_compared,
  CASE
    WHEN q_value < 0.05
    AND rate_ratio_low > $min_ratio
    AND complaints >= $min_complaints THEN 'leading suspect'
    WHEN q_value < 0.10
    AND complaints >= 3
    AND NOT small_effect THEN 'suspect, needs a person'
    ELSE 'no evidence'
  END AS would_be
FROM
  false_discovery(
    (SELECT * FROM suspect_comparisons),
    p => 'p_value',
    groups => 'family,day',
    tested => 'pairs_compared',
    only => 'of_suspect'
  )
