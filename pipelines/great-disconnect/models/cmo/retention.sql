-- How long buyers stay, for all, each partner, each channel and partner's channel. Time goes in
-- periods of $stay_days from a person's own first order; who bought in every one of them so far is
-- still there. Cohorts began in the same period, and only periods that are over for all of them
-- count. `retention` (shifted beta-geometric, Fader and Hardie 2007) says how many periods of the
-- next three years a buyer will still buy in, after it was held against periods it had not seen, or
-- why that is not known. `margin_eur` is what such a period brings.
-- @column kind: all, partner, channel, or partner and channel.
-- @column unit: Which of this kind.
-- @column people: People who bought.
-- @column periods: Periods that were seen at most.
-- @column lost: People who did not stay to the last period.
-- @column alpha: First parameter of the shifted beta-geometric model.
-- @column beta: Second parameter of the shifted beta-geometric model.
-- @column horizon: Periods that are foreseen.
-- @column expected: Periods of these in which a person will still buy.
-- @column low: Lower end of the 95 % interval of expected.
-- @column high: Upper end of the 95 % interval of expected.
-- @column share: Share of people who are still there at the end of the horizon.
-- @column share_low: Lower end of the 95 % interval of share.
-- @column share_high: Upper end of the 95 % interval of share.
-- @column hidden: Periods that were hidden from the model to test it.
-- @column hidden_expected: People it foresaw at the end of these.
-- @column hidden_kept: People who were there at the end of these.
-- @column hidden_error: Mean error of these forecasts, as a share of what came.
-- @column margin_eur: What such a period brings, in euros of margin.
-- @column finding: stated, or why nothing is foreseen.
WITH
orders AS (
  SELECT
    customer_id,
    ordered_on,
    shipped * (unit_price_eur - unit_cost_eur) AS margin,
    min(ordered_on) OVER (PARTITION BY customer_id) AS first_on,
    min(ordered_on) OVER () AS begun_on
  FROM staging.order_lines
  WHERE customer_id IS NOT NULL AND shipped > 0
),
-- One row a person and period they bought in, numbered: as long as number and period agree, none
-- was left out.
person_periods AS (
  SELECT
    customer_id,
    CAST(days_between(first_on, ordered_on) / $stay_days AS BIGINT) AS period,
    exact_sum(margin) AS margin,
    CAST(
      row_number() OVER (
        PARTITION BY customer_id
        ORDER BY CAST(days_between(first_on, ordered_on) / $stay_days AS BIGINT)
      ) AS BIGINT
    ) - 1 AS number
  FROM orders
  GROUP BY customer_id, CAST(days_between(first_on, ordered_on) / $stay_days AS BIGINT)
),
stays AS (
  SELECT
    customer_id,
    max(period) AS periods,
    sum(CASE WHEN period > 0 THEN margin ELSE 0 END) AS margin
  FROM person_periods
  WHERE number = period
  GROUP BY customer_id
),
first_periods AS (
  SELECT
    customer_id,
    CAST(days_between(min(begun_on), min(first_on)) / $stay_days AS BIGINT) AS cohort,
    CAST(days_between(min(begun_on), $as_of) / $stay_days AS BIGINT) AS current_period
  FROM orders
  GROUP BY customer_id
),
unit_stays AS (
  SELECT
    s.customer_id,
    s.periods,
    s.margin,
    f.cohort,
    f.current_period - f.cohort - 2 AS last_period,
    unnest(make_array('all', 'partner', 'channel', 'partner and channel')) AS kind,
    unnest(
      make_array(
        'all',
        coalesce(c.owner, 'none'),
        c.channel,
        coalesce(c.owner, 'none') || ' ' || c.channel
      )
    ) AS unit
  FROM stays AS s
  JOIN crm.customers AS c ON c.customer_id = s.customer_id
  JOIN first_periods AS f ON f.customer_id = s.customer_id
),
cohorts AS (
  SELECT
    u.kind || '|' || u.unit AS unit,
    u.cohort,
    p.period,
    count(*) FILTER (WHERE u.periods >= p.period) AS kept
  FROM unit_stays AS u
  CROSS JOIN (SELECT unnest(generate_series(0, 39)) AS period) AS p
  WHERE p.period <= u.last_period
  GROUP BY u.kind, u.unit, u.cohort, p.period
),
margins AS (
  SELECT kind || '|' || unit AS unit, exact_sum(margin) / sum(periods) AS margin_eur
  FROM unit_stays
  GROUP BY kind, unit
  HAVING sum(periods) > 0
)
SELECT
  split_part(r.unit, '|', 1) AS kind,
  substr(r.unit, strpos(r.unit, '|') + 1) AS unit,
  r.people,
  r.periods,
  r.lost,
  r.alpha,
  r.beta,
  r.horizon,
  r.expected,
  r.low,
  r.high,
  r.share,
  r.share_low,
  r.share_high,
  r.hidden,
  r.hidden_expected,
  r.hidden_kept,
  r.hidden_error,
  m.margin_eur,
  r.finding
FROM
  retention(cohorts => (SELECT unit, cohort, period, kept FROM cohorts), horizon => 6) AS r
LEFT JOIN margins AS m ON m.unit = r.unit
