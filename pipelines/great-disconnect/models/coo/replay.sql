-- When could it have been known? Each leading suspect is asked again for every day on which one of its first
-- $replay_complaints complaints came, and for the day of the last, with the letters and the sales up to that day only: how many complaints in how many units, the rate
-- ratio with its interval, the exact one-sided p, and q over all that could be asked that day (every lot,
-- period, supplier, plant, product, region or carrier that had sold, times the topics heard so far; Benjamini
-- and Hochberg 1995). `would_be` goes by the limits of the verdicts. Links, tracing and topics are those of
-- today, and neither the wider interval for spread among lots nor the removal of what another suspect explains
-- is replayed: a run with an earlier `as_of` judges in full.
WITH days AS (
  SELECT DISTINCT family, created_on AS day FROM staging.replay_told WHERE asked
),
pairs AS (
  SELECT d.family, d.day, t.topic, t.factor, t.value, count(*) AS complaints, max(t.of_suspect) AS incident,
         bool_or(t.asked AND t.created_on = d.day) AS told_today
  FROM days AS d
  JOIN staging.replay_told AS t ON t.family = d.family AND t.created_on <= d.day
  GROUP BY d.family, d.day, t.topic, t.factor, t.value
),
totals AS (
  SELECT d.family, d.day, t.topic, count(*) AS complaints
  FROM days AS d
  JOIN staging.traced AS t ON t.family = d.family AND t.created_on <= d.day
  GROUP BY d.family, d.day, t.topic
),
topics AS (
  SELECT family, day, count(*) AS topics FROM totals GROUP BY family, day
),
-- Every value that could be asked about on a day.
asked AS (
  SELECT day, sum(CASE WHEN factor IN ('carrier_month', 'carrier', 'region', 'product') THEN 1 ELSE 0 END) AS for_delivery,
         sum(CASE WHEN factor IN ('carrier_month', 'carrier', 'all') THEN 0 ELSE 1 END) AS for_product,
         max(CASE WHEN factor = 'all' THEN shipped END) AS shipped
  FROM staging.replay_sold
  GROUP BY day
),
sides AS (
  SELECT p.family, p.day, p.topic, p.factor, p.value, p.incident, p.told_today,
         k.topics * CASE WHEN p.family = 'delivery' THEN a.for_delivery ELSE a.for_product END AS pairs_asked,
         v.inside, CASE WHEN v.inside THEN p.complaints ELSE n.complaints - p.complaints END AS complaints,
         CASE WHEN v.inside THEN e.shipped ELSE a.shipped - e.shipped END AS shipped
  FROM pairs AS p
  JOIN staging.replay_sold AS e ON e.day = p.day AND e.factor = p.factor AND e.value = p.value
  JOIN totals AS n ON n.family = p.family AND n.day = p.day AND n.topic = p.topic
  JOIN topics AS k ON k.family = p.family AND k.day = p.day
  JOIN asked AS a ON a.day = p.day
  CROSS JOIN (VALUES (true), (false)) AS v(inside)
),
compared AS (
  SELECT family, day, topic, factor, value, max(incident) AS incident, bool_or(told_today) AS told_today, max(pairs_asked) AS pairs_asked,
         max(complaints) FILTER (WHERE inside) AS complaints, max(shipped) FILTER (WHERE inside) AS shipped,
         max(complaints) FILTER (WHERE NOT inside) AS rest_complaints, max(shipped) FILTER (WHERE NOT inside) AS rest_shipped,
         rate_ratio(complaints, shipped, inside) AS r
  FROM sides
  GROUP BY family, day, topic, factor, value
),
corrected AS (
  SELECT * FROM false_discovery(
    (SELECT incident, topic, family, day, complaints, shipped, rest_complaints, rest_shipped, pairs_asked, coalesce(r['p'], 1.0) AS p,
            r['ratio'] AS rate_ratio, r['low'] AS rate_ratio_low, r['high'] AS rate_ratio_high, incident IS NOT NULL AND told_today AS wanted
     FROM compared),
    p => 'p', groups => 'family,day', tested => 'pairs_asked', only => 'wanted')
)
SELECT incident, topic, day, complaints, shipped, rest_complaints, rest_shipped, rate_ratio, rate_ratio_low, rate_ratio_high,
       p AS p_value, q_value, pairs_asked,
       CASE WHEN q_value < 0.05 AND rate_ratio_low > $min_ratio AND complaints >= $min_complaints THEN 'leading suspect'
            WHEN q_value < 0.10 AND complaints >= 3 AND NOT coalesce(rate_ratio_low > 1 AND rate_ratio_high <= $min_ratio, false) THEN 'suspect, needs a person' ELSE 'no evidence' END AS would_be
FROM corrected
