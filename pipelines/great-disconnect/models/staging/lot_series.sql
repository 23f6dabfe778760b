-- Where a finished lot stands in the order in which things came about: one row a lot and factor. A
-- supplier's material is a series by the day of receipt (of the component lot that the largest
-- share is from), a plant one by the day of production. attribute looks for the window of each
-- series that carries an excess; what was recorded about changes plays no part.
-- @column finished_lot: The finished lot.
-- @column factor: The factor that windows of the series are values of, by seeds/factors.csv.
-- @column series: The supplier and material, or the plant.
-- @column step: The day of receipt or of production, as text: texts sort as days do.
SELECT
  o.finished_lot,
  f.factor,
  concat(o.supplier_id, ' ', o.material_id) AS series,
  CAST(o.received_on AS VARCHAR) AS step
FROM staging.lot_origin AS o
JOIN
  seeds.factors AS f ON f.material_kind = o.material_kind
  AND f.suspect_kind = 'supplier_period'
WHERE o.main
UNION ALL
SELECT finished_lot, 'plant_period', plant, CAST(produced_on AS VARCHAR)
FROM staging.lots
WHERE plant IS NOT NULL AND produced_on IS NOT NULL
