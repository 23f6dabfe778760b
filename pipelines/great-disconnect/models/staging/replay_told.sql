-- The complaints of the families in which something leads, one row a complaint and value that may have caused
-- it. `of_suspect` names the incident where that value is the leading suspect; `asked` marks the days on which coo.replay asks:
-- those of its first letters, and that of the last.
WITH leading AS (
  SELECT topic, factor, suspect FROM coo.attribution WHERE verdict = 'leading suspect' AND part_of IS NULL
),
-- Thousands may lead under one topic: families are asked for by topic, not by letter.
families AS (
  SELECT DISTINCT k.family
  FROM (SELECT DISTINCT family, topic FROM staging.traced) AS k
  JOIN (SELECT DISTINCT topic FROM leading) AS l ON l.topic = k.topic
),
told AS (
  SELECT t.family, t.topic, t.created_on, t.factor, t.value, a.suspect
  FROM (
    SELECT family, topic, created_on, unnest(CASE WHEN family = 'delivery'
             THEN make_array('carrier_month', 'carrier', 'region', 'product', NULL, NULL, NULL, NULL, NULL, NULL, NULL)
             ELSE make_array('finished_lot', 'outsole_period', 'outsole_supplier', 'midsole_period', 'adhesive_period', 'upper_period', 'upper_supplier', 'heel_period', 'plant', 'product', 'region') END) AS factor,
           unnest(CASE WHEN family = 'delivery'
             THEN make_array(carrier_month, carrier, region, product, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
             ELSE make_array(finished_lot, outsole_period, outsole_supplier, midsole_period, adhesive_period, upper_period, upper_supplier, heel_period, plant, product, region) END) AS value
    FROM staging.traced
    WHERE family IN (SELECT family FROM families)) AS t
  LEFT JOIN leading AS a ON a.topic = t.topic AND a.factor = t.factor AND a.suspect = t.value
  WHERE t.value IS NOT NULL
)
SELECT family, topic, created_on, factor, value, topic || ': ' || suspect AS of_suspect,
       rank() OVER (PARTITION BY topic, factor, suspect ORDER BY created_on) <= $replay_complaints
         OR created_on = max(created_on) OVER (PARTITION BY topic, factor, suspect) AS asked
FROM told WHERE suspect IS NOT NULL
UNION ALL
-- Of nobody who leads, most of them: one partition of a window would hold them all.
SELECT family, topic, created_on, factor, value, NULL, false
FROM told WHERE suspect IS NULL
