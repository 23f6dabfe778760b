-- How far buyers can still trust: 0 to 100 with a 95 % interval and its parts, for all, each
-- product and each region, at the end of each month and on `$as_of`.
--
--   score = 100 * 2 ^ (-burden / 0.05)     burden = 4 safety + 2 defect + 1 service + 0.25 remedied
--
-- The four parts are shares of the order lines shipped by that day: lines whose buyer has an open
-- complaint (the gravest counts, once a line), and lines whose complaints have all been put right.
-- 100 means no complaint; where one buyer in twenty has an open complaint about service, half is
-- gone. Hence:
--   * the number of texts does not count: praise or rage without an order moves nothing, nor do ten
--     complaints about one pair;
--   * each further buyer with a complaint lowers it, and a safety complaint lowers it most;
--   * a complaint weighs in full until its remedy has reached the customer: a promise, a closed
--     ticket or time do not lift it, and even then a quarter of a service complaint stays.
-- Interval: Wilson's for each part, joined for the weighted sum by the method of Zou, Huang and
-- Zhang 2009; the parts exclude each other, which makes it a little too wide rather than too
-- narrow. Demands (a refund) say what a customer wants and do not count, nor do complaints that no
-- order line is known for.
-- @column day: The last day that counts.
-- @column kind: all, product or region.
-- @column unit: Which of this kind.
-- @column score: 0 to 100; 100 means no complaint.
-- @column score_low: Lower end of the 95 % interval of the score.
-- @column score_high: Upper end of the 95 % interval of the score.
-- @column lines: Order lines shipped by that day.
-- @column open_safety: Lines whose gravest open complaint is about safety.
-- @column open_defect: Lines whose gravest open complaint is about a defect.
-- @column open_service: Lines whose gravest open complaint is about service.
-- @column remedied: Lines whose complaints have all been put right.
-- @column safety_share: open_safety as a share of lines.
-- @column defect_share: open_defect as a share of lines.
-- @column service_share: open_service as a share of lines.
-- @column remedied_share: remedied as a share of lines.
-- @column burden: The weighted sum of the four shares.
WITH
days AS (
  SELECT DISTINCT
    least(CAST(month + INTERVAL '1 month' - INTERVAL '1 day' AS DATE), $as_of) AS day
  FROM (SELECT date_trunc('month', ordered_on) AS month FROM staging.order_lines)
  UNION
  SELECT $as_of
),
shipped_lines AS (
  SELECT order_id, order_line, product_id, region, shipped_on
  FROM staging.order_lines
  WHERE shipped > 0 AND shipped_on <= $as_of
),
monthly_shipments AS (
  SELECT
    product_id,
    region,
    CAST(date_trunc('month', shipped_on) AS DATE) AS month,
    count(*) AS lines
  FROM shipped_lines
  GROUP BY product_id, region, CAST(date_trunc('month', shipped_on) AS DATE)
),
-- The gravest open complaint of each line on each day; 0 where all are put right.
troubled_lines AS (
  SELECT
    d.day,
    o.product_id,
    o.region,
    c.order_id,
    c.order_line,
    max(
      CASE
        WHEN c.remedied_on <= d.day THEN 0
        WHEN c.severity = 'safety' THEN 3
        WHEN c.severity = 'defect' THEN 2
        ELSE 1
      END
    ) AS grade
  FROM days AS d
  JOIN staging.cases AS c ON c.first_on <= d.day
  JOIN seeds.topics AS t ON t.topic = c.topic AND t.about <> 'demand'
  JOIN
    shipped_lines AS o ON o.order_id = c.order_id
    AND o.order_line = c.order_line
    AND o.shipped_on <= d.day
  WHERE c.counted
  GROUP BY d.day, o.product_id, o.region, c.order_id, c.order_line
),
line_counts AS (
  SELECT
    d.day,
    m.product_id,
    m.region,
    sum(m.lines) AS lines,
    0 AS safety,
    0 AS defect,
    0 AS service,
    0 AS remedied
  FROM days AS d
  JOIN monthly_shipments AS m ON m.month <= d.day
  GROUP BY d.day, m.product_id, m.region
  UNION ALL
  SELECT
    day,
    product_id,
    region,
    0,
    count(*) FILTER (WHERE grade = 3),
    count(*) FILTER (WHERE grade = 2),
    count(*) FILTER (WHERE grade = 1),
    count(*) FILTER (WHERE grade = 0)
  FROM troubled_lines
  GROUP BY day, product_id, region
),
unit_counts AS (
  SELECT
    day,
    lines,
    safety,
    defect,
    service,
    remedied,
    unnest(make_array('all', 'product', 'region')) AS kind,
    unnest(make_array('all', product_id, region)) AS unit
  FROM line_counts
),
units AS (
  SELECT
    day,
    kind,
    unit,
    sum(lines) AS lines,
    sum(safety) AS safety,
    sum(defect) AS defect,
    sum(service) AS service,
    sum(remedied) AS remedied
  FROM unit_counts
  GROUP BY day, kind, unit
  HAVING sum(lines) > 0
),
unit_shares AS (
  SELECT
    day,
    kind,
    unit,
    max(lines) AS lines,
    max(safety) AS open_safety,
    max(defect) AS open_defect,
    max(service) AS open_service,
    max(remedied) AS remedied,
    proportion(safety, lines) AS s,
    proportion(defect, lines) AS d,
    proportion(service, lines) AS v,
    proportion(remedied, lines) AS r
  FROM units
  GROUP BY day, kind, unit
),
weighted_shares AS (
  SELECT
    *,
    make_array(4 * s['share'], 2 * d['share'], v['share'], 0.25 * r['share']) AS parts,
    make_array(4 * s['low'], 2 * d['low'], v['low'], 0.25 * r['low']) AS low_parts,
    make_array(4 * s['high'], 2 * d['high'], v['high'], 0.25 * r['high']) AS high_parts
  FROM unit_shares
),
burdens AS (
  SELECT
    *,
    parts[1] + parts[2] + parts[3] + parts[4] AS burden,
    array_distance(parts, low_parts) AS below,
    array_distance(parts, high_parts) AS above
  FROM weighted_shares
)
SELECT
  day,
  kind,
  unit,
  100 * power(2, burden / -0.05) AS score,
  100 * power(2, (burden + above) / -0.05) AS score_low,
  100 * power(2, greatest(burden - below, 0) / -0.05) AS score_high,
  lines,
  open_safety,
  open_defect,
  open_service,
  remedied,
  s['share'] AS safety_share,
  d['share'] AS defect_share,
  v['share'] AS service_share,
  r['share'] AS remedied_share,
  burden
FROM burdens
