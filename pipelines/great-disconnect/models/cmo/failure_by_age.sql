-- How often pairs fail at which age: complaints per pair and month for each 30 days of age, by
-- product and by lot, with the exact 95 % interval. Pairs count only for the days they have been
-- out, so that young lots can be compared with old ones (a life table). Only topics about the
-- product that the product or lot has at all.
-- @column kind: product or lot.
-- @column unit: Which of this kind.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column age_from: Youngest age of the band, in days.
-- @column age_to: Oldest age of the band, in days.
-- @column complaints: Cases that began at this age.
-- @column pair_months: Pairs times the months they spent at this age.
-- @column rate: Cases per pair and month.
-- @column rate_low: Lower end of the exact 95 % interval of the rate.
-- @column rate_high: Upper end of the exact 95 % interval of the rate.
WITH
unit_lines AS (
  SELECT
    days_between(ordered_on, $as_of) AS age,
    shipped,
    unnest(make_array('product', 'lot')) AS kind,
    unnest(make_array(product_id, finished_lot)) AS unit
  FROM staging.order_lines
  WHERE shipped > 0
),
unit_ages AS (
  SELECT kind, unit, age, sum(shipped) AS shipped
  FROM unit_lines
  WHERE unit IS NOT NULL
  GROUP BY kind, unit, age
),
age_bands AS (
  SELECT
    kind,
    unit,
    age,
    shipped,
    unnest(range (0, least(age, 719) + 1, 30)) AS age_from
  FROM unit_ages
  WHERE age >= 0
),
exposures AS (
  SELECT
    kind,
    unit,
    age_from,
    sum(shipped * least(age + 1 - age_from, 30)) / CAST(30 AS DOUBLE) AS pair_months
  FROM age_bands
  GROUP BY kind, unit, age_from
),
failures AS (
  SELECT
    c.topic,
    c.severity,
    days_between(o.ordered_on, c.first_on) / 30 * 30 AS age_from,
    unnest(make_array('product', 'lot')) AS kind,
    unnest(make_array(o.product_id, o.finished_lot)) AS unit
  FROM staging.cases AS c
  JOIN seeds.topics AS t ON t.topic = c.topic AND t.about = 'product'
  JOIN staging.order_lines AS o USING (order_id, order_line)
  WHERE c.counted AND c.first_on >= o.ordered_on AND o.shipped > 0
),
failure_counts AS (
  SELECT kind, unit, topic, severity, age_from, count(*) AS complaints
  FROM failures
  WHERE unit IS NOT NULL
  GROUP BY kind, unit, topic, severity, age_from
),
unit_topics AS (SELECT DISTINCT kind, unit, topic, severity FROM failure_counts),
bands AS (
  SELECT
    t.kind,
    t.unit,
    t.topic,
    t.severity,
    e.age_from,
    e.pair_months,
    coalesce(f.complaints, 0) AS complaints
  FROM unit_topics AS t
  JOIN exposures AS e ON e.kind = t.kind AND e.unit = t.unit
  LEFT JOIN
    failure_counts AS f ON f.kind = t.kind
    AND f.unit = t.unit
    AND f.topic = t.topic
    AND f.age_from = e.age_from
),
rates AS (
  SELECT
    kind,
    unit,
    topic,
    severity,
    age_from,
    max(complaints) AS complaints,
    max(pair_months) AS pair_months,
    event_rate(complaints, pair_months) AS r
  FROM bands
  GROUP BY kind, unit, topic, severity, age_from
)
SELECT
  kind,
  unit,
  topic,
  severity,
  age_from,
  age_from + 29 AS age_to,
  complaints,
  pair_months,
  r['rate'] AS rate,
  r['low'] AS rate_low,
  r['high'] AS rate_high
FROM rates
