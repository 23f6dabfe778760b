-- What may have gone wrong with a finished lot: one row a lot, one column a possible cause. To look into
-- another kind of part, add its column here, in staging.traced, staging.cells, coo.attribution, staging.replay_told and
-- staging.replay_sold, and in ceo.evidence.
SELECT finished_lot, max(product_id) AS product, max(plant) AS plant,
       max(CASE WHEN material_kind = 'outsole_compound' THEN supplier_period END) AS outsole_period,
       max(CASE WHEN material_kind = 'outsole_compound' THEN supplier_id END) AS outsole_supplier,
       max(CASE WHEN material_kind = 'midsole_foam' THEN supplier_period END) AS midsole_period,
       max(CASE WHEN material_kind = 'adhesive' THEN supplier_period END) AS adhesive_period,
       max(CASE WHEN material_kind = 'upper' THEN supplier_period END) AS upper_period,
       max(CASE WHEN material_kind = 'upper' THEN supplier_id END) AS upper_supplier,
       max(CASE WHEN material_kind = 'heel_counter' THEN supplier_period END) AS heel_period
FROM staging.lot_origin
WHERE main
GROUP BY finished_lot
