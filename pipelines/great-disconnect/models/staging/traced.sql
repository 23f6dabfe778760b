-- The complaints that may point to a cause: counted once, and traced to one lot, with all that may have
-- caused them. What cannot be traced to a lot is left out on both sides, here and in staging.cells.
SELECT c.interaction_id, c.topic, c.severity, c.created_on, c.finished_lot, c.carrier, c.region,
       f.product, f.plant, f.outsole_period, f.outsole_supplier, f.midsole_period, f.adhesive_period,
       f.upper_period, f.upper_supplier, f.heel_period, f.box_period
FROM staging.complaints AS c
JOIN staging.lot_factors AS f ON f.finished_lot = c.finished_lot
WHERE c.counted
