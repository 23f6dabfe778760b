-- Units of lines with a known lot that had been ordered by each day that coo.replay asks about, by everything
-- that may be a cause; `factor` `all` is the sum.
WITH days AS (
  SELECT DISTINCT created_on AS day FROM staging.replay_told WHERE asked
),
-- The first day asked about on which an order is known.
known AS (
  SELECT o.ordered_on, min(d.day) AS from_day
  FROM (SELECT DISTINCT ordered_on FROM staging.order_lines) AS o
  JOIN days AS d ON d.day >= o.ordered_on
  GROUP BY o.ordered_on
),
lots AS (
  SELECT o.finished_lot, k.from_day, sum(o.shipped) AS shipped
  FROM staging.order_lines AS o
  JOIN known AS k ON k.ordered_on = o.ordered_on
  WHERE o.finished_lot IS NOT NULL
  GROUP BY o.finished_lot, k.from_day
),
ways AS (
  SELECT o.region, o.carrier, o.carrier || ' ' || substr(CAST(o.shipped_on AS VARCHAR), 1, 7) AS carrier_month, k.from_day, sum(o.shipped) AS shipped
  FROM staging.order_lines AS o
  JOIN known AS k ON k.ordered_on = o.ordered_on
  WHERE o.finished_lot IS NOT NULL
  GROUP BY o.region, o.carrier, o.carrier || ' ' || substr(CAST(o.shipped_on AS VARCHAR), 1, 7), k.from_day
),
parts AS (
  SELECT 'lot' AS factor, finished_lot AS value, from_day, shipped FROM lots
  UNION ALL
  SELECT factor, value, from_day, sum(shipped) AS shipped
  FROM (SELECT from_day, shipped, unnest(make_array('region', 'carrier', 'carrier_month', 'all')) AS factor,
               unnest(make_array(region, carrier, carrier_month, 'all')) AS value FROM ways)
  WHERE value IS NOT NULL
  GROUP BY factor, value, from_day
),
units AS (
  SELECT d.day, s.factor, s.value, sum(s.shipped) AS shipped
  FROM days AS d
  JOIN parts AS s ON s.from_day <= d.day
  GROUP BY d.day, s.factor, s.value
),
spread AS (
  SELECT u.day, u.shipped,
         unnest(CASE WHEN u.factor = 'lot'
           THEN make_array('finished_lot', 'outsole_period', 'outsole_supplier', 'midsole_period', 'adhesive_period', 'upper_period', 'upper_supplier', 'heel_period', 'plant', 'product')
           ELSE make_array(u.factor) END) AS factor,
         unnest(CASE WHEN u.factor = 'lot'
           THEN make_array(f.finished_lot, f.outsole_period, f.outsole_supplier, f.midsole_period, f.adhesive_period, f.upper_period, f.upper_supplier, f.heel_period, f.plant, f.product)
           ELSE make_array(u.value) END) AS value
  FROM units AS u
  LEFT JOIN staging.lot_factors AS f ON u.factor = 'lot' AND f.finished_lot = u.value
)
SELECT day, factor, value, sum(shipped) AS shipped
FROM spread
WHERE value IS NOT NULL
GROUP BY day, factor, value
HAVING sum(shipped) > 0
