-- Where operations are weak: complaints of each topic per pair shipped, with the exact 95 %
-- interval, by product, lot, supplier (of a main material), carrier and region. `place` ranks
-- within a kind and topic, `weakness` over all of a kind, safety before defects before service;
-- both by the lower limit, so that one complaint about a pair that hardly sells does not come
-- first. A rank is no accusation: a supplier of everything shares every fault (ceo.suspects says
-- who is only the shadow of another). Lots and suppliers only have the lines whose lot is known.
-- @column kind: product, lot, supplier, carrier or region.
-- @column unit: Which of this kind.
-- @column name: Its name.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column complaints: Complaints, each person and thing counted once.
-- @column shipped: Pairs shipped.
-- @column rate: Complaints per pair shipped.
-- @column rate_low: Lower end of the exact 95 % interval of the rate.
-- @column rate_high: Upper end of the exact 95 % interval of the rate.
-- @column place: Rank within kind and topic, by the lower end of the rate.
-- @column weakness: Rank within the kind, safety first, by the lower end of the rate.
WITH
lot_suppliers AS (
  SELECT DISTINCT finished_lot, supplier_id
  FROM staging.lot_origin
  WHERE main
),
lots AS (
  SELECT finished_lot, sum(shipped) AS shipped
  FROM staging.order_lines
  WHERE finished_lot IS NOT NULL
  GROUP BY finished_lot
),
unit_lines AS (
  SELECT
    unnest(make_array('product', 'lot', 'carrier', 'region')) AS kind,
    unnest(make_array(product_id, finished_lot, carrier, region)) AS unit,
    shipped
  FROM staging.order_lines
  WHERE shipped > 0
  UNION ALL
  SELECT 'supplier', s.supplier_id, l.shipped
  FROM lots AS l
  JOIN lot_suppliers AS s ON s.finished_lot = l.finished_lot
),
units AS (
  SELECT kind, unit, sum(shipped) AS shipped
  FROM unit_lines
  WHERE unit IS NOT NULL
  GROUP BY kind, unit
),
unit_complaints AS (
  SELECT
    topic,
    severity,
    unnest(make_array('product', 'lot', 'carrier', 'region')) AS kind,
    unnest(make_array(product_id, finished_lot, carrier, region)) AS unit
  FROM staging.complaints
  WHERE counted
  UNION ALL
  SELECT c.topic, c.severity, 'supplier', s.supplier_id
  FROM staging.complaints AS c
  JOIN lot_suppliers AS s ON s.finished_lot = c.finished_lot
  WHERE c.counted
),
complaint_counts AS (
  SELECT topic, severity, kind, unit, count(*) AS complaints
  FROM unit_complaints
  WHERE unit IS NOT NULL
  GROUP BY topic, severity, kind, unit
),
rates AS (
  SELECT c.topic, c.severity, c.kind, c.unit, event_rate(c.complaints, u.shipped) AS r
  FROM complaint_counts AS c
  JOIN seeds.topics AS t ON t.topic = c.topic
  JOIN
    units AS u ON u.kind = c.kind
    AND u.unit = c.unit
    -- No carrier cracks a sole, and no lot is late.
  WHERE
    c.kind IN ('product', 'region')
    OR (c.kind = 'carrier' AND t.about = 'delivery')
    OR (c.kind IN ('lot', 'supplier') AND t.about = 'product')
  GROUP BY c.topic, c.severity, c.kind, c.unit
)
SELECT
  r.kind,
  r.unit,
  coalesce(p.name, trim(s.name), r.unit) AS name,
  r.topic,
  r.severity,
  r.r['events'] AS complaints,
  r.r['exposure'] AS shipped,
  r.r['rate'] AS rate,
  r.r['low'] AS rate_low,
  r.r['high'] AS rate_high,
  rank() OVER (PARTITION BY r.kind, r.topic ORDER BY r.r['low'] DESC) AS place,
  rank() OVER (
    PARTITION BY r.kind
    ORDER BY
      CASE r.severity WHEN 'safety' THEN 1 WHEN 'defect' THEN 2 ELSE 3 END,
      r.r['low'] DESC
  ) AS weakness
FROM rates AS r
LEFT JOIN erp.products AS p ON r.kind = 'product' AND p.product_id = r.unit
LEFT JOIN erp.suppliers AS s ON r.kind = 'supplier' AND s.supplier_id = r.unit
