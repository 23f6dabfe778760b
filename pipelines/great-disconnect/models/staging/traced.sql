-- The complaints that may point to a cause: counted once, and traced to one lot, with all that may have
-- caused them. What cannot be traced to a lot is left out on both sides, here and in staging.cells, and so
-- is a demand (a refund), which says what a customer wants and not what went wrong. `family`: the topics
-- that are judged together, by seeds/topics.csv; safety by itself, so that it is never drowned by the rest.
SELECT CASE WHEN c.severity = 'safety' THEN 'safety' ELSE k.about END AS family,
       c.interaction_id, c.topic, c.severity, c.created_on, c.finished_lot, c.region, c.carrier,
       c.carrier || ' ' || substr(CAST(c.shipped_on AS VARCHAR), 1, 7) AS carrier_month,
       f.product, f.plant, f.outsole_period, f.outsole_supplier, f.midsole_period, f.adhesive_period,
       f.upper_period, f.upper_supplier, f.heel_period
FROM staging.complaints AS c
JOIN staging.lot_factors AS f ON f.finished_lot = c.finished_lot
JOIN seeds.topics AS k ON k.topic = c.topic
WHERE c.counted AND k.about <> 'demand'
