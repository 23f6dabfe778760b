-- How old a pair was, in days since the purchase, when its buyer first complained: the spread by
-- product and by lot for each topic about the product. Only pairs that have failed can be in it,
-- and young pairs can only have failed young: `median_age_of_pairs` shows how long the pairs sold
-- have been out. cmo.failure_by_age allows for it.
-- @column kind: product or lot.
-- @column unit: Which of this kind.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column failures: Cases about pairs that failed.
-- @column youngest: Days of age at the earliest failure.
-- @column quarter: Days of age by which a quarter of these had failed.
-- @column half: Days of age by which half of these had failed.
-- @column three_quarters: Days of age by which three quarters of these had failed.
-- @column oldest: Days of age at the latest failure.
-- @column median_age_of_pairs: Median age of all pairs sold, in days.
WITH
failures AS (
  SELECT
    c.topic,
    c.severity,
    days_between(o.ordered_on, c.first_on) AS age,
    unnest(make_array('product', 'lot')) AS kind,
    unnest(make_array(o.product_id, o.finished_lot)) AS unit
  FROM staging.cases AS c
  JOIN seeds.topics AS t ON t.topic = c.topic AND t.about = 'product'
  JOIN staging.order_lines AS o USING (order_id, order_line)
  WHERE c.counted AND c.first_on >= o.ordered_on
),
unit_lines AS (
  SELECT
    CAST(days_between(ordered_on, $as_of) AS DOUBLE) AS age,
    unnest(make_array('product', 'lot')) AS kind,
    unnest(make_array(product_id, finished_lot)) AS unit
  FROM staging.order_lines
  WHERE shipped > 0
),
unit_ages AS (
  SELECT kind, unit, median(age) AS median_age
  FROM unit_lines
  WHERE unit IS NOT NULL
  GROUP BY kind, unit
)
SELECT
  f.kind,
  f.unit,
  f.topic,
  f.severity,
  count(*) AS failures,
  min(f.age) AS youngest,
  percentile_cont(0.25) WITHIN GROUP (ORDER BY CAST(f.age AS DOUBLE)) AS quarter,
  median(CAST(f.age AS DOUBLE)) AS half,
  percentile_cont(0.75) WITHIN GROUP (ORDER BY CAST(f.age AS DOUBLE)) AS three_quarters,
  max(f.age) AS oldest,
  max(u.median_age) AS median_age_of_pairs
FROM failures AS f
JOIN unit_ages AS u ON u.kind = f.kind AND u.unit = f.unit
GROUP BY f.kind, f.unit, f.topic, f.severity
