-- How far buyers can still trust: 0 to 100 with a 95 % interval and its parts, for all, each product and each
-- region, at the end of each month and on the day that is asked about.
--
--   score = 100 * 2 ^ (-burden / 0.05)      burden = 4 safety + 2 defect + 1 service + 0.25 remedied
--
-- The four parts are shares of the order lines shipped by that day: lines whose buyer has an open complaint (the
-- gravest counts, once a line), and lines whose complaints have all been put right. 100 means no complaint; where
-- one buyer in twenty has an open complaint about service, half is gone. Hence:
--   * the number of texts does not stand in it: praise or rage without an order moves nothing, nor do ten letters
--     about one pair;
--   * each further buyer with a complaint lowers it, and a safety complaint lowers it most;
--   * a complaint weighs in full until its remedy has reached the customer: a promise, a closed ticket or time
--     do not lift it, and even then a quarter of a service complaint stays.
-- Interval: Wilson's for each part, joined for the weighted sum by the method of Zou, Huang and Zhang 2009; the
-- parts exclude each other, which makes it a little too wide rather than too narrow. Demands (a refund) say what a
-- customer wants and are left out, and so are complaints that no order line is known for.
WITH days AS (
  SELECT DISTINCT least(CAST(date_trunc('month', ordered_on) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE), $as_of) AS day
  FROM staging.order_lines
  UNION
  SELECT $as_of
),
parcels AS (
  SELECT product_id, region, least(CAST(date_trunc('month', shipped_on) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE), $as_of) AS from_day, count(*) AS lines
  FROM staging.order_lines WHERE shipped > 0 AND shipped_on <= $as_of
  GROUP BY product_id, region, least(CAST(date_trunc('month', shipped_on) + INTERVAL '1 month' - INTERVAL '1 day' AS DATE), $as_of)
),
shipped AS (
  SELECT d.day, p.product_id, p.region, sum(p.lines) AS lines
  FROM days AS d
  JOIN parcels AS p ON p.from_day <= d.day
  GROUP BY d.day, p.product_id, p.region
),
-- The gravest open complaint of each line on each day; 0 where all are put right.
troubled AS (
  SELECT d.day, o.product_id, o.region, c.order_id, c.order_line,
         max(CASE WHEN c.remedied_on <= d.day THEN 0 WHEN c.severity = 'safety' THEN 3 WHEN c.severity = 'defect' THEN 2 ELSE 1 END) AS grade
  FROM days AS d
  JOIN staging.cases AS c ON c.first_on <= d.day
  JOIN seeds.topics AS k ON k.topic = c.topic AND k.about <> 'demand'
  JOIN staging.order_lines AS o ON o.order_id = c.order_id AND o.order_line = c.order_line
  WHERE c.counted AND o.shipped > 0 AND o.shipped_on <= d.day
  GROUP BY d.day, o.product_id, o.region, c.order_id, c.order_line
),
both AS (
  SELECT day, product_id, region, lines, 0 AS safety, 0 AS defect, 0 AS service, 0 AS remedied FROM shipped
  UNION ALL
  SELECT day, product_id, region, 0, CASE grade WHEN 3 THEN 1 ELSE 0 END, CASE grade WHEN 2 THEN 1 ELSE 0 END,
         CASE grade WHEN 1 THEN 1 ELSE 0 END, CASE grade WHEN 0 THEN 1 ELSE 0 END
  FROM troubled
),
counts AS (
  SELECT day, kind, unit, sum(lines) AS lines, sum(safety) AS safety, sum(defect) AS defect, sum(service) AS service, sum(remedied) AS remedied
  FROM (SELECT day, lines, safety, defect, service, remedied, unnest(make_array('all', 'product', 'region')) AS kind,
               unnest(make_array('all', product_id, region)) AS unit FROM both)
  GROUP BY day, kind, unit
  HAVING sum(lines) > 0
),
shares AS (
  SELECT day, kind, unit, max(lines) AS lines, max(safety) AS safety, max(defect) AS defect, max(service) AS service, max(remedied) AS remedied,
         proportion(safety, lines) AS s, proportion(defect, lines) AS d, proportion(service, lines) AS v, proportion(remedied, lines) AS r
  FROM counts
  GROUP BY day, kind, unit
),
burdened AS (
  SELECT *, 4 * s['share'] + 2 * d['share'] + v['share'] + 0.25 * r['share'] AS burden,
         sqrt(power(4 * (s['share'] - s['low']), 2) + power(2 * (d['share'] - d['low']), 2) + power(v['share'] - v['low'], 2)
              + power(0.25 * (r['share'] - r['low']), 2)) AS below,
         sqrt(power(4 * (s['high'] - s['share']), 2) + power(2 * (d['high'] - d['share']), 2) + power(v['high'] - v['share'], 2)
              + power(0.25 * (r['high'] - r['share']), 2)) AS above
  FROM shares
)
SELECT day, kind, unit, 100 * power(2, -burden / 0.05) AS score, 100 * power(2, -(burden + above) / 0.05) AS score_low,
       100 * power(2, -greatest(burden - below, 0) / 0.05) AS score_high, lines, safety AS open_safety, defect AS open_defect,
       service AS open_service, remedied, s['share'] AS safety_share, d['share'] AS defect_share, v['share'] AS service_share,
       r['share'] AS remedied_share, burden
FROM burdened
