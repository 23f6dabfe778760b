-- Every question that was asked: does this lot, supplier, period, plant, product, region or carrier carry
-- more complaints of a topic than the others? A fault of the product is not asked of carriers, nor a late
-- parcel of lots: each question that makes no sense would only make the others harder to answer.
WITH asked AS (
  SELECT * FROM attribute(
    (SELECT * FROM staging.cells WHERE asked = 'goods' AND (family IS NULL OR family = 'safety')),
    factors => 'finished_lot,outsole_period,outsole_supplier,midsole_period,adhesive_period,upper_period,upper_supplier,heel_period,plant,product,region',
    nested => 'finished_lot<outsole_period,finished_lot<midsole_period,finished_lot<adhesive_period,finished_lot<upper_period,finished_lot<heel_period,outsole_period<outsole_supplier,upper_period<upper_supplier',
    min_complaints => $min_complaints, min_ratio => $min_ratio)
  UNION ALL
  SELECT * FROM attribute(
    (SELECT * FROM staging.cells WHERE asked = 'goods' AND (family IS NULL OR family = 'product')),
    factors => 'finished_lot,outsole_period,outsole_supplier,midsole_period,adhesive_period,upper_period,upper_supplier,heel_period,plant,product,region',
    nested => 'finished_lot<outsole_period,finished_lot<midsole_period,finished_lot<adhesive_period,finished_lot<upper_period,finished_lot<heel_period,outsole_period<outsole_supplier,upper_period<upper_supplier',
    min_complaints => $min_complaints, min_ratio => $min_ratio)
  UNION ALL
  SELECT * FROM attribute(
    (SELECT * FROM staging.cells WHERE asked = 'way'),
    factors => 'carrier_month,carrier,region,product',
    nested => 'carrier_month<carrier',
    min_complaints => $min_complaints, min_ratio => $min_ratio)
)
SELECT t.severity, a.topic, a.factor,
       CASE WHEN a.factor LIKE '%\_period' THEN 'supplier_period' WHEN a.factor LIKE '%\_supplier' THEN 'supplier' ELSE a.factor END AS suspect_kind,
       a.value AS suspect, a.complaints, a.shipped, a.rate, a.rest_complaints, a.rest_shipped,
       a.rate_ratio, a.rate_ratio_low, a.rate_ratio_high, a.p_value, a.q_value, a.llr, a.dispersion, a.pairs_tested,
       a.verdict, a.explained_by, a.part_of, a.reason
FROM asked AS a
JOIN (SELECT DISTINCT topic, severity FROM seeds.topic_rules) AS t ON t.topic = a.topic
