-- What is compared: units shipped (for all topics, so without one) and complaints (with theirs), by all
-- that may have caused them.
WITH units AS (
  SELECT NULL AS family, NULL AS topic, o.finished_lot, o.region, o.carrier,
         o.carrier || ' ' || substr(CAST(o.shipped_on AS VARCHAR), 1, 7) AS carrier_month,
         f.product, f.plant, f.outsole_period, f.outsole_supplier, f.midsole_period, f.adhesive_period,
         f.upper_period, f.upper_supplier, f.heel_period, o.shipped, 0 AS complaints
  FROM staging.order_lines AS o
  JOIN staging.lot_factors AS f ON f.finished_lot = o.finished_lot
  UNION ALL
  SELECT family, topic, finished_lot, region, carrier, carrier_month,
         product, plant, outsole_period, outsole_supplier, midsole_period, adhesive_period,
         upper_period, upper_supplier, heel_period, 0, 1
  FROM staging.traced
)
SELECT family, topic, finished_lot, region, carrier, carrier_month,
       product, plant, outsole_period, outsole_supplier, midsole_period, adhesive_period,
       upper_period, upper_supplier, heel_period, sum(shipped) AS shipped, sum(complaints) AS complaints
FROM units
GROUP BY family, topic, finished_lot, region, carrier, carrier_month,
         product, plant, outsole_period, outsole_supplier, midsole_period, adhesive_period,
         upper_period, upper_supplier, heel_period
