-- When could it have been known? Each leading suspect is asked again for every day on which a complaint about it
-- came, with the letters and the sales up to that day only: how many complaints in how many units, the rate
-- ratio with its interval, the exact one-sided p, and q over all that could be asked that day (every lot,
-- period, supplier, plant, product, region or carrier that had sold, times the topics heard so far).
-- `would_be` goes by the limits of the verdicts. Links, tracing and topics are those of today, and neither the
-- wider interval for spread among lots nor the removal of what another suspect explains is replayed: a run
-- with an earlier `as_of` judges in full.
WITH leading AS (
  SELECT DISTINCT a.topic || ': ' || a.suspect AS incident, t.family, a.topic, a.factor, a.suspect
  FROM coo.attribution AS a
  JOIN staging.traced AS t ON t.topic = a.topic
  WHERE a.verdict = 'leading suspect' AND a.part_of IS NULL
),
told AS (
  SELECT family, topic, interaction_id, created_on, unnest(CASE WHEN family = 'delivery'
           THEN make_array('carrier_month', 'carrier', 'region', 'product', NULL, NULL, NULL, NULL, NULL, NULL, NULL)
           ELSE make_array('finished_lot', 'outsole_period', 'outsole_supplier', 'midsole_period', 'adhesive_period', 'upper_period', 'upper_supplier', 'heel_period', 'plant', 'product', 'region') END) AS factor,
         unnest(CASE WHEN family = 'delivery'
           THEN make_array(carrier_month, carrier, region, product, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
           ELSE make_array(finished_lot, outsole_period, outsole_supplier, midsole_period, adhesive_period, upper_period, upper_supplier, heel_period, plant, product, region) END) AS value
  FROM staging.traced
  WHERE family IN (SELECT family FROM leading)
),
days AS (
  SELECT DISTINCT l.family, t.created_on AS day
  FROM leading AS l
  JOIN told AS t ON t.topic = l.topic AND t.factor = l.factor AND t.value = l.suspect
),
-- Sales by day: of a lot for all that follows from the lot, and of region and carrier.
sold AS (
  SELECT 'lot' AS factor, finished_lot AS value, ordered_on, sum(shipped) AS shipped FROM staging.order_lines
  WHERE finished_lot IS NOT NULL GROUP BY finished_lot, ordered_on
  UNION ALL
  SELECT 'region', region, ordered_on, sum(shipped) FROM staging.order_lines
  WHERE finished_lot IS NOT NULL GROUP BY region, ordered_on
  UNION ALL
  SELECT 'carrier', carrier, ordered_on, sum(shipped) FROM staging.order_lines
  WHERE finished_lot IS NOT NULL GROUP BY carrier, ordered_on
  UNION ALL
  SELECT 'carrier_month', carrier || ' ' || substr(CAST(shipped_on AS VARCHAR), 1, 7), ordered_on, sum(shipped) FROM staging.order_lines
  WHERE finished_lot IS NOT NULL GROUP BY carrier || ' ' || substr(CAST(shipped_on AS VARCHAR), 1, 7), ordered_on
),
units AS (
  SELECT d.day, s.factor, s.value, sum(s.shipped) AS shipped
  FROM (SELECT DISTINCT day FROM days) AS d
  JOIN sold AS s ON s.ordered_on <= d.day
  WHERE s.value IS NOT NULL
  GROUP BY d.day, s.factor, s.value
),
of_lots AS (
  SELECT u.day, u.shipped,
         unnest(make_array('finished_lot', 'outsole_period', 'outsole_supplier', 'midsole_period', 'adhesive_period', 'upper_period', 'upper_supplier', 'heel_period', 'plant', 'product')) AS factor,
         unnest(make_array(f.finished_lot, f.outsole_period, f.outsole_supplier, f.midsole_period, f.adhesive_period, f.upper_period, f.upper_supplier, f.heel_period, f.plant, f.product)) AS value
  FROM units AS u
  JOIN staging.lot_factors AS f ON f.finished_lot = u.value
  WHERE u.factor = 'lot'
),
exposed AS (
  SELECT day, factor, value, sum(shipped) AS shipped FROM of_lots WHERE value IS NOT NULL GROUP BY day, factor, value
  UNION ALL
  SELECT day, factor, value, shipped FROM units WHERE factor <> 'lot'
),
-- Every pair that could be asked on a day, by family.
asked AS (
  SELECT d.family, d.day, count(*) AS values_asked
  FROM days AS d
  JOIN exposed AS e ON e.day = d.day
  WHERE e.shipped > 0
    AND CASE WHEN d.family = 'delivery' THEN e.factor IN ('carrier_month', 'carrier', 'region', 'product')
             ELSE e.factor NOT IN ('carrier_month', 'carrier') END
  GROUP BY d.family, d.day
),
totals AS (
  SELECT d.family, d.day, t.topic, count(*) AS complaints
  FROM days AS d
  JOIN staging.traced AS t ON t.family = d.family AND t.created_on <= d.day
  GROUP BY d.family, d.day, t.topic
),
all_sold AS (
  SELECT day, sum(shipped) AS shipped FROM units WHERE factor = 'lot' GROUP BY day
),
pairs AS (
  SELECT d.family, d.day, t.topic, t.factor, t.value, count(*) AS complaints
  FROM days AS d
  JOIN told AS t ON t.family = d.family AND t.created_on <= d.day
  WHERE t.value IS NOT NULL
  GROUP BY d.family, d.day, t.topic, t.factor, t.value
),
numbers AS (
  SELECT p.family, p.day, p.topic, p.factor, p.value, p.complaints, e.shipped, n.complaints - p.complaints AS rest_complaints,
         greatest(s.shipped - e.shipped, 0) AS rest_shipped
  FROM pairs AS p
  JOIN exposed AS e ON e.day = p.day AND e.factor = p.factor AND e.value = p.value
  JOIN totals AS n ON n.family = p.family AND n.day = p.day AND n.topic = p.topic
  JOIN all_sold AS s ON s.day = p.day
),
sides AS (
  SELECT family, day, topic, factor, value, true AS inside, complaints, shipped FROM numbers
  UNION ALL
  SELECT family, day, topic, factor, value, false, rest_complaints, rest_shipped FROM numbers
),
compared AS (
  SELECT family, day, topic, factor, value, rate_ratio(complaints, shipped, inside) AS r
  FROM sides
  GROUP BY family, day, topic, factor, value
),
placed AS (
  SELECT c.family, c.day, c.topic, c.factor, c.value, c.r, coalesce(c.r['p'], 1.0) AS p,
         a.values_asked * k.topics AS pairs_asked,
         row_number() OVER (PARTITION BY c.family, c.day ORDER BY coalesce(c.r['p'], 1.0), c.topic, c.factor, c.value) AS place
  FROM compared AS c
  JOIN asked AS a ON a.family = c.family AND a.day = c.day
  JOIN (SELECT family, day, count(*) AS topics FROM totals GROUP BY family, day) AS k ON k.family = c.family AND k.day = c.day
),
corrected AS (
  SELECT *, least(1.0, min(p * pairs_asked / place) OVER (PARTITION BY family, day ORDER BY place DESC ROWS UNBOUNDED PRECEDING)) AS q
  FROM placed
)
SELECT l.incident, l.topic, c.day, n.complaints, n.shipped, n.rest_complaints, n.rest_shipped,
       c.r['ratio'] AS rate_ratio, c.r['low'] AS rate_ratio_low, c.r['high'] AS rate_ratio_high, c.p AS p_value, c.q AS q_value, c.pairs_asked,
       CASE WHEN c.q < 0.05 AND c.r['low'] > 1 AND n.complaints >= $min_complaints THEN 'leading suspect'
            WHEN c.q < 0.10 AND n.complaints >= 3 THEN 'suspect, needs a person' ELSE 'no evidence' END AS would_be
FROM leading AS l
JOIN corrected AS c ON c.family = l.family AND c.topic = l.topic AND c.factor = l.factor AND c.value = l.suspect
JOIN numbers AS n ON n.family = c.family AND n.day = c.day AND n.topic = c.topic AND n.factor = c.factor AND n.value = c.value
JOIN (SELECT DISTINCT topic, factor, value, created_on FROM told) AS t
  ON t.topic = l.topic AND t.factor = l.factor AND t.value = l.suspect AND t.created_on = c.day
