-- What is compared: units shipped (for all topics, so without one) and complaints (with theirs), by all
-- that may have caused them. `asked` is what the row is for: `goods` may fail by what they are made of, by lot and
-- region, and the `way` to the customer by carrier. Each has only the columns that are asked about, so that
-- millions of lines make no more rows than there are lots in regions.
WITH goods AS (
  SELECT CAST(NULL AS VARCHAR) AS family, CAST(NULL AS VARCHAR) AS topic, finished_lot, region, sum(shipped) AS shipped, 0 AS complaints
  FROM staging.order_lines WHERE finished_lot IS NOT NULL
  GROUP BY finished_lot, region
  UNION ALL
  SELECT family, topic, finished_lot, region, 0, count(*)
  FROM staging.traced WHERE family <> 'delivery'
  GROUP BY family, topic, finished_lot, region
),
ways AS (
  SELECT CAST(NULL AS VARCHAR) AS family, CAST(NULL AS VARCHAR) AS topic, o.region, o.carrier, o.carrier || ' ' || substr(CAST(o.shipped_on AS VARCHAR), 1, 7) AS carrier_month,
         f.product, sum(o.shipped) AS shipped, 0 AS complaints
  FROM staging.order_lines AS o
  JOIN staging.lot_factors AS f ON f.finished_lot = o.finished_lot
  GROUP BY o.region, o.carrier, o.carrier || ' ' || substr(CAST(o.shipped_on AS VARCHAR), 1, 7), f.product
  UNION ALL
  SELECT family, topic, region, carrier, carrier_month, product, 0, count(*)
  FROM staging.traced WHERE family = 'delivery'
  GROUP BY family, topic, region, carrier, carrier_month, product
)
SELECT 'goods' AS asked, g.family, g.topic, g.finished_lot, g.region, CAST(NULL AS VARCHAR) AS carrier, CAST(NULL AS VARCHAR) AS carrier_month, f.product, f.plant,
       f.outsole_period, f.outsole_supplier, f.midsole_period, f.adhesive_period, f.upper_period, f.upper_supplier, f.heel_period,
       g.shipped, g.complaints
FROM goods AS g
JOIN staging.lot_factors AS f ON f.finished_lot = g.finished_lot
UNION ALL
SELECT 'way', family, topic, NULL, region, carrier, carrier_month, product, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, shipped, complaints
FROM ways
