-- What may have gone wrong with a finished lot: one row a lot and factor. seeds/factors.csv lists
-- the factors and the kind of material that each is about: to look into another kind of part, add
-- its rows there. Periods are no factors of a lot: they are searched (staging.lot_series).
-- @column finished_lot: The finished lot.
-- @column factor: What may have gone wrong with it, a factor of seeds/factors.csv.
-- @column value: Which one: a supplier, the product or the plant.
WITH
materials AS (
  SELECT finished_lot, product_id, plant, material_kind, supplier_id
  FROM staging.lot_origin
  WHERE main
),
factors AS (
  SELECT m.finished_lot, f.factor, m.supplier_id AS value
  FROM materials AS m
  JOIN
    seeds.factors AS f ON f.material_kind = m.material_kind
    AND f.suspect_kind = 'supplier'
  UNION ALL
  SELECT DISTINCT
    finished_lot,
    unnest(make_array('product', 'plant')),
    unnest(make_array(product_id, plant))
  FROM materials
)
SELECT finished_lot, factor, value
FROM factors
WHERE value IS NOT NULL
