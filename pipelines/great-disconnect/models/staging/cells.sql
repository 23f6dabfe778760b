-- What is compared: units shipped (for all topics, so without one) and complaints (with theirs), by all
-- that may have caused them.
SELECT CAST(NULL AS VARCHAR) AS topic, CAST(NULL AS VARCHAR) AS severity,
       o.finished_lot, f.outsole_period, f.outsole_supplier, f.midsole_period, f.adhesive_period, f.upper_period,
       f.upper_supplier, f.heel_period, f.box_period, f.plant, f.product, o.carrier, o.region,
       sum(o.shipped) AS shipped, 0 AS complaints
FROM staging.order_lines AS o
JOIN staging.lot_factors AS f ON f.finished_lot = o.finished_lot
GROUP BY o.finished_lot, f.outsole_period, f.outsole_supplier, f.midsole_period, f.adhesive_period, f.upper_period,
         f.upper_supplier, f.heel_period, f.box_period, f.plant, f.product, o.carrier, o.region
UNION ALL
SELECT topic, severity, finished_lot, outsole_period, outsole_supplier, midsole_period, adhesive_period, upper_period,
       upper_supplier, heel_period, box_period, plant, product, carrier, region,
       0, count(*)
FROM staging.traced
GROUP BY topic, severity, finished_lot, outsole_period, outsole_supplier, midsole_period, adhesive_period, upper_period,
         upper_supplier, heel_period, box_period, plant, product, carrier, region
