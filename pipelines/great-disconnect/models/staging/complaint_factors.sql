-- One row a complaint that may point to a cause, and value that may have caused it: of its lot, the
-- way to the customer and the region. A fault of the product is not held against carriers, nor a
-- late parcel against lots (seeds/factors.csv says which factors go with what).
-- @kind view
WITH
complaints AS (
  SELECT
    family,
    CASE WHEN family = 'delivery' THEN 'delivery' ELSE 'product' END AS about,
    topic,
    interaction_id,
    created_on,
    finished_lot,
    region,
    carrier,
    carrier_month
  FROM staging.complaints
  WHERE family IS NOT NULL
),
complaint_values AS (
  SELECT
    c.family,
    c.about,
    c.topic,
    c.interaction_id,
    c.created_on,
    c.finished_lot,
    f.factor,
    f.value
  FROM complaints AS c
  JOIN staging.lot_factors AS f ON f.finished_lot = c.finished_lot
  UNION ALL
  SELECT
    family,
    about,
    topic,
    interaction_id,
    created_on,
    finished_lot,
    unnest(make_array('finished_lot', 'region', 'carrier', 'carrier_month')),
    unnest(make_array(finished_lot, region, carrier, carrier_month))
  FROM complaints
)
SELECT
  v.family,
  v.topic,
  v.interaction_id,
  v.created_on,
  v.finished_lot,
  v.factor,
  v.value
FROM complaint_values AS v
JOIN seeds.factors AS f ON f.about = v.about AND f.factor = v.factor
WHERE v.value IS NOT NULL
