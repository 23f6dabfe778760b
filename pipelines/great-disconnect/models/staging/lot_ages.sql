-- Time at risk: how many pairs of a finished lot were out at each age, in steps of 30 days since
-- the order, and at which age they were complained about. A pair counts only for the days it has
-- been out, so that young lots can be compared with old ones (coo.attribution). Complaints whose
-- order is not known have no age.
-- @column finished_lot: The finished lot.
-- @column topic: The topic of the complaints; blank for pairs at risk, which count for all.
-- @column age: The first day of the step of 30 days.
-- @column at_risk: Pairs out for the whole step; those out for a part of it count for that part.
-- @column complaints: Complaints at that age.
WITH
lot_ages AS (
  SELECT finished_lot, days_between(ordered_on, $as_of) AS age, sum(shipped) AS shipped
  FROM staging.order_lines
  WHERE finished_lot IS NOT NULL AND shipped > 0
  GROUP BY finished_lot, days_between(ordered_on, $as_of)
),
age_steps AS (
  SELECT
    finished_lot,
    age,
    shipped,
    unnest(range (0, least(age, 1799) + 1, 30)) AS age_from
  FROM lot_ages
  WHERE age >= 0
)
SELECT
  finished_lot,
  CAST(NULL AS VARCHAR) AS topic,
  CAST(age_from AS VARCHAR) AS age,
  sum(shipped * least(age + 1 - age_from, 30)) / CAST(30 AS DOUBLE) AS at_risk,
  0 AS complaints
FROM age_steps
GROUP BY finished_lot, age_from
UNION ALL
SELECT
  c.finished_lot,
  c.topic,
  CAST(CAST(days_between(o.ordered_on, c.created_on) / 30 AS BIGINT) * 30 AS VARCHAR),
  0,
  count(*)
FROM staging.complaints AS c
JOIN staging.order_lines AS o USING (order_id, order_line)
WHERE
  c.family IN ('safety', 'product')
  AND c.finished_lot IS NOT NULL
  AND c.created_on >= o.ordered_on
GROUP BY
  c.finished_lot,
  c.topic,
  CAST(days_between(o.ordered_on, c.created_on) / 30 AS BIGINT)
