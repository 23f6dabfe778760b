-- Where operations are weak: complaints of each topic per pair shipped, with the exact 95 % interval, by product, lot,
-- supplier (of a main material), carrier and region. `place` ranks within a kind and topic, `weakness` over all of
-- a kind, safety before defects before service; both by the lower limit, so that one letter about a pair that hardly
-- sells does not stand first. A rank is no accusation: a supplier of everything shares every fault (ceo.suspects
-- says who is only the shadow of another). Lots and suppliers only have the lines whose lot is known.
WITH made AS (
  SELECT DISTINCT finished_lot, supplier_id FROM staging.lot_origin WHERE main
),
lines AS (
  SELECT unnest(make_array('product', 'lot', 'carrier', 'region')) AS kind,
         unnest(make_array(product_id, finished_lot, carrier, region)) AS unit, shipped
  FROM staging.order_lines WHERE shipped > 0
  UNION ALL
  SELECT 'supplier', m.supplier_id, o.shipped
  FROM (SELECT finished_lot, sum(shipped) AS shipped FROM staging.order_lines WHERE finished_lot IS NOT NULL GROUP BY finished_lot) AS o
  JOIN made AS m ON m.finished_lot = o.finished_lot
),
shipped AS (
  SELECT kind, unit, sum(shipped) AS shipped FROM lines WHERE unit IS NOT NULL GROUP BY kind, unit
),
letters AS (
  SELECT topic, severity, unnest(make_array('product', 'lot', 'carrier', 'region')) AS kind,
         unnest(make_array(product_id, finished_lot, carrier, region)) AS unit
  FROM staging.complaints WHERE counted
  UNION ALL
  SELECT c.topic, c.severity, 'supplier', m.supplier_id
  FROM staging.complaints AS c JOIN made AS m ON m.finished_lot = c.finished_lot
  WHERE c.counted
),
told AS (
  SELECT topic, severity, kind, unit, count(*) AS complaints FROM letters WHERE unit IS NOT NULL GROUP BY topic, severity, kind, unit
),
rates AS (
  SELECT t.topic, t.severity, t.kind, t.unit, event_rate(t.complaints, s.shipped) AS r
  FROM told AS t
  JOIN seeds.topics AS k ON k.topic = t.topic
  JOIN shipped AS s ON s.kind = t.kind AND s.unit = t.unit
  -- No carrier cracks a sole, and no lot is late.
  WHERE CASE t.kind WHEN 'carrier' THEN k.about = 'delivery' WHEN 'lot' THEN k.about = 'product' WHEN 'supplier' THEN k.about = 'product' ELSE true END
  GROUP BY t.topic, t.severity, t.kind, t.unit
)
SELECT r.kind, r.unit, coalesce(p.name, s.name, r.unit) AS name, r.topic, r.severity, r.r['events'] AS complaints, r.r['exposure'] AS shipped,
       r.r['rate'] AS rate, r.r['low'] AS rate_low, r.r['high'] AS rate_high,
       rank() OVER (PARTITION BY r.kind, r.topic ORDER BY r.r['low'] DESC) AS place,
       rank() OVER (PARTITION BY r.kind ORDER BY CASE r.severity WHEN 'safety' THEN 1 WHEN 'defect' THEN 2 ELSE 3 END, r.r['low'] DESC) AS weakness
FROM rates AS r
LEFT JOIN erp.products AS p ON r.kind = 'product' AND p.product_id = r.unit
LEFT JOIN staging.suppliers AS s ON r.kind = 'supplier' AND s.supplier_id = r.unit
