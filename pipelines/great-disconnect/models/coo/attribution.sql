-- Every question that was asked: does this lot, supplier, period, plant, product, region or carrier carry
-- more complaints of a topic than the others? A fault of the product is not asked of carriers, nor a late
-- parcel of lots: each question that makes no sense would only make the others harder to answer.
WITH factors AS (
  SELECT * FROM (VALUES
    ('outsole_period', 'finished_lot', 1), ('outsole_supplier', 'outsole_period', 2), ('midsole_period', 'finished_lot', 3),
    ('adhesive_period', 'finished_lot', 4), ('upper_period', 'finished_lot', 5), ('upper_supplier', 'upper_period', 6),
    ('heel_period', 'finished_lot', 7), ('plant', NULL, 8), ('product', NULL, 9)) AS f(factor, made_into, position)
),
lot_factors AS (
  SELECT finished_lot,
         unnest(make_array('outsole_period', 'outsole_supplier', 'midsole_period', 'adhesive_period', 'upper_period', 'upper_supplier', 'heel_period', 'plant', 'product')) AS factor,
         unnest(make_array(outsole_period, outsole_supplier, midsole_period, adhesive_period, upper_period, upper_supplier, heel_period, plant, product)) AS value
  FROM staging.lot_factors
),
asked AS (
  SELECT * FROM attribute(
    (SELECT topic, finished_lot, region, shipped, complaints
     FROM staging.cells WHERE asked = 'goods' AND (family IS NULL OR family = 'safety')),
    factors => (SELECT finished_lot, factor, value FROM lot_factors),
    nested => (SELECT factor, made_into, position FROM factors),
    min_complaints => $min_complaints, min_ratio => $min_ratio)
  UNION ALL
  SELECT * FROM attribute(
    (SELECT topic, finished_lot, region, shipped, complaints
     FROM staging.cells WHERE asked = 'goods' AND (family IS NULL OR family = 'product')),
    factors => (SELECT finished_lot, factor, value FROM lot_factors),
    nested => (SELECT factor, made_into, position FROM factors),
    min_complaints => $min_complaints, min_ratio => $min_ratio)
  UNION ALL
  SELECT * FROM attribute(
    (SELECT topic, carrier_month, carrier, region, product, shipped, complaints FROM staging.cells WHERE asked = 'way'),
    nested => (SELECT 'carrier' AS factor, 'carrier_month' AS made_into),
    min_complaints => $min_complaints, min_ratio => $min_ratio)
)
SELECT t.severity, a.topic, a.factor,
       CASE WHEN a.factor LIKE '%\_period' THEN 'supplier_period' WHEN a.factor LIKE '%\_supplier' THEN 'supplier' ELSE a.factor END AS suspect_kind,
       a.value AS suspect, a.complaints, a.shipped, a.rate, a.rest_complaints, a.rest_shipped,
       a.rate_ratio, a.rate_ratio_low, a.rate_ratio_high, a.p_value, a.q_value, a.llr, a.dispersion, a.pairs_tested,
       a.verdict, a.explained_by, a.part_of, a.reason
FROM asked AS a
JOIN (SELECT DISTINCT topic, severity FROM seeds.topic_rules) AS t ON t.topic = a.topic
