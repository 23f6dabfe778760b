-- Every question of cause: does this lot, supplier, period, plant, product, region or carrier carry
-- more complaints of a topic than the others? Carriers are not compared for a fault of the product,
-- nor lots for a late parcel: a question that makes no sense would only make the others harder to
-- answer (seeds/factors.csv lists those that do). Periods of a supplier's material and of a plant
-- are not given: the clearest window of each series is searched (staging.lot_series). Products are
-- compared at equal time at risk (staging.lot_ages), parcels as they are.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column factor: The factor of the comparison, by seeds/factors.csv.
-- @column suspect_kind: The kind of factor, such as supplier_period or finished_lot.
-- @column suspect: The suspected lot, supplier, period, change, plant, product, region or carrier.
-- @column complaints: Complaints of the suspect, traced to one lot and counted once.
-- @column shipped: Pairs it is measured against.
-- @column rate: Complaints per pair shipped.
-- @column rest_complaints: Complaints elsewhere.
-- @column rest_shipped: Pairs shipped elsewhere.
-- @column expected: Complaints that pairs out for as long have elsewhere.
-- @column plain_ratio: Rate here over the rate elsewhere, whatever the ages.
-- @column rate_ratio: The same at equal time at risk; blank where elsewhere has no complaint.
-- @column rate_ratio_low: Lower end of the 95 % interval of the ratio.
-- @column rate_ratio_high: Upper end of the 95 % interval of the ratio; blank where it has none.
-- @column p_value: Exact one-sided p of the comparison.
-- @column q_value: False discovery rate over all pairs that were compared.
-- @column llr: Log likelihood ratio of the excess: how strong the evidence is.
-- @column dispersion: How much more the counts of lots spread than chance would have it.
-- @column pairs_tested: How many pairs were compared at once.
-- @column units: Of a suspect, how many lots or carrier months have its units; blank of one.
-- @column evenness: Log likelihood ratio of a rate for each of these against one for all.
-- @column evenness_p: How often chance makes one rate look as uneven.
-- @column verdict: From leading suspect to no evidence, as pipelines/README.md lists them.
-- @column explained_by: The suspect whose complaints these are.
-- @column part_of: The leading suspect that this one is a part of.
-- @column rivals: What the same complaints fit as well, so that a person must tell them apart.
-- @column reason: The comparison in one sentence.
-- @column series: Of a window that was found: its series, a supplier's material or a plant.
-- @column first_step: The first day of the window.
-- @column last_step: The last day of the window.
WITH
findings AS (
  SELECT 'product' AS about, *
  FROM
    attribute(
      (
        SELECT topic, finished_lot, region, shipped, complaints
        FROM staging.cells
        WHERE about = 'product'
          AND coalesce(family, 'safety') = 'safety'
      ),
      factors => (SELECT finished_lot, factor, value FROM staging.lot_factors),
      nested => (SELECT factor, made_into, position FROM seeds.factors WHERE about = 'product'),
      series => (SELECT finished_lot, factor, series, step FROM staging.lot_series),
      ages => (SELECT finished_lot, topic, age, at_risk, complaints FROM staging.lot_ages),
      min_complaints => $min_complaints,
      min_ratio => $min_ratio
    )
  UNION ALL
  SELECT 'product', *
  FROM
    attribute(
      (
        SELECT topic, finished_lot, region, shipped, complaints
        FROM staging.cells
        WHERE about = 'product'
          AND coalesce(family, 'product') = 'product'
      ),
      factors => (SELECT finished_lot, factor, value FROM staging.lot_factors),
      nested => (SELECT factor, made_into, position FROM seeds.factors WHERE about = 'product'),
      series => (SELECT finished_lot, factor, series, step FROM staging.lot_series),
      ages => (SELECT finished_lot, topic, age, at_risk, complaints FROM staging.lot_ages),
      min_complaints => $min_complaints,
      min_ratio => $min_ratio
    )
  UNION ALL
  SELECT 'delivery', *
  FROM
    attribute(
      (
        SELECT topic, carrier_month, region, product, shipped, complaints
        FROM staging.cells
        WHERE about = 'delivery'
      ),
      factors => (
        SELECT DISTINCT carrier_month, 'carrier' AS factor, carrier AS value
        FROM staging.cells
        WHERE carrier_month IS NOT NULL
      ),
      nested => (SELECT factor, made_into, position FROM seeds.factors WHERE about = 'delivery'),
      min_complaints => $min_complaints,
      min_ratio => $min_ratio
    )
),
topic_severities AS (SELECT DISTINCT topic, severity FROM seeds.topic_rules)
SELECT
  t.severity,
  a.topic,
  a.factor,
  f.suspect_kind,
  a.value AS suspect,
  a.complaints,
  a.shipped,
  a.rate,
  a.rest_complaints,
  a.rest_shipped,
  a.expected,
  a.plain_ratio,
  a.rate_ratio,
  a.rate_ratio_low,
  a.rate_ratio_high,
  a.p_value,
  a.q_value,
  a.llr,
  a.dispersion,
  a.pairs_tested,
  a.units,
  a.evenness,
  a.evenness_p,
  a.verdict,
  a.explained_by,
  a.part_of,
  a.rivals,
  a.reason,
  a.series,
  a.first_step,
  a.last_step
FROM findings AS a
JOIN topic_severities AS t ON t.topic = a.topic
JOIN seeds.factors AS f ON f.about = a.about AND f.factor = a.factor
