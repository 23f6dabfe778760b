-- How long buyers stay, for all, each partner, each channel and partner's channel. Time goes in periods of $stay_days
-- from a person's own first order; who bought in every one of them so far is still there. Cohorts began in the same
-- period, and only periods that are over for all of them count. `retention` (shifted beta-geometric, Fader and Hardie
-- 2007) says how many periods of the next three years a buyer will still buy in, after it was held against periods it
-- had not seen, or why that cannot be said. `margin_eur` is what such a period brings.
WITH orders AS (
  SELECT customer_id, ordered_on, shipped * (unit_price_eur - unit_cost_eur) AS margin,
         min(ordered_on) OVER (PARTITION BY customer_id) AS first_on, min(ordered_on) OVER () AS begun_on
  FROM staging.order_lines WHERE customer_id IS NOT NULL AND shipped > 0
),
-- One row a person and period they bought in, numbered: as long as number and period agree, none was left out.
bought AS (
  SELECT customer_id, period, sum(CAST(margin AS DECIMAL(20, 6))) AS margin,
         CAST(row_number() OVER (PARTITION BY customer_id ORDER BY period) AS BIGINT) - 1 AS number
  FROM (SELECT *, (CAST(ordered_on AS INT) - CAST(first_on AS INT)) / $stay_days AS period FROM orders)
  GROUP BY customer_id, period
),
stayed AS (
  SELECT customer_id, max(period) AS periods, sum(CASE WHEN period > 0 THEN margin ELSE 0 END) AS margin
  FROM bought WHERE number = period
  GROUP BY customer_id
),
people AS (
  SELECT s.customer_id, s.periods, s.margin, f.cohort, f.last_period,
         unnest(make_array('all', 'partner', 'channel', 'partner and channel')) AS kind,
         unnest(make_array('all', coalesce(c.owner, 'none'), c.channel, coalesce(c.owner, 'none') || ' ' || c.channel)) AS unit
  FROM stayed AS s
  JOIN crm.customers AS c ON c.customer_id = s.customer_id
  JOIN (SELECT customer_id, min((CAST(first_on AS INT) - CAST(begun_on AS INT)) / $stay_days) AS cohort,
               min((CAST($as_of AS INT) - CAST(begun_on AS INT)) / $stay_days - (CAST(first_on AS INT) - CAST(begun_on AS INT)) / $stay_days - 2) AS last_period
        FROM orders GROUP BY customer_id) AS f ON f.customer_id = s.customer_id
),
cohorts AS (
  SELECT p.kind || '|' || p.unit AS unit, p.cohort, t.period, count(*) FILTER (WHERE p.periods >= t.period) AS kept
  FROM people AS p
  CROSS JOIN (SELECT unnest(generate_series(0, 39)) AS period) AS t
  WHERE t.period <= p.last_period
  GROUP BY p.kind, p.unit, p.cohort, t.period
),
worth AS (
  SELECT kind || '|' || unit AS unit, CAST(sum(margin) AS DOUBLE) / sum(periods) AS margin_eur
  FROM people
  GROUP BY kind, unit
  HAVING sum(periods) > 0
)
SELECT split_part(r.unit, '|', 1) AS kind, substr(r.unit, strpos(r.unit, '|') + 1) AS unit, r.people, r.periods, r.lost, r.alpha, r.beta,
       r.horizon, r.expected, r.low, r.high, r.share, r.share_low, r.share_high, r.hidden, r.hidden_expected, r.hidden_kept, r.hidden_error,
       w.margin_eur, r.finding
FROM retention(cohorts => (SELECT unit, cohort, period, kept FROM cohorts), horizon => 6) AS r
LEFT JOIN worth AS w ON w.unit = r.unit
