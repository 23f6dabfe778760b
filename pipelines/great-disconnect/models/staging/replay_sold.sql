-- Units of lines with a known lot that had been ordered by each day that coo.replay asks about, by everything
-- that may be a cause; `factor` `all` is the sum.
WITH sold AS (
  SELECT finished_lot, region, carrier, carrier || ' ' || substr(CAST(shipped_on AS VARCHAR), 1, 7) AS carrier_month, ordered_on, sum(shipped) AS shipped
  FROM staging.order_lines
  WHERE finished_lot IS NOT NULL
  GROUP BY finished_lot, region, carrier, carrier || ' ' || substr(CAST(shipped_on AS VARCHAR), 1, 7), ordered_on
),
daily AS (
  SELECT factor, value, ordered_on, sum(shipped) AS shipped
  FROM (SELECT ordered_on, shipped, unnest(make_array('lot', 'region', 'carrier', 'carrier_month', 'all')) AS factor,
               unnest(make_array(finished_lot, region, carrier, carrier_month, 'all')) AS value FROM sold)
  WHERE value IS NOT NULL
  GROUP BY factor, value, ordered_on
),
units AS (
  SELECT d.day, s.factor, s.value, sum(s.shipped) AS shipped
  FROM (SELECT DISTINCT created_on AS day FROM staging.replay_told WHERE of_suspect IS NOT NULL) AS d
  JOIN daily AS s ON s.ordered_on <= d.day
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
