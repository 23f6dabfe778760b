-- What may have gone wrong with a finished lot: one row a lot and factor. seeds/factors.csv lists
-- the factors and the kind of material that each is about: to look into another kind of part, add
-- its rows there.
-- @column finished_lot: The finished lot.
-- @column factor: What may have gone wrong with it, a factor of seeds/factors.csv.
-- @column value: Which one: a supplier period, a supplier, the product or the plant.
WITH
materials AS (
  SELECT finished_lot, product_id, plant, material_kind, supplier_id, supplier_period
  FROM staging.lot_origin
  WHERE main
),
factors AS (
  SELECT
    m.finished_lot,
    f.factor,
    CASE
      f.suspect_kind
      WHEN 'supplier' THEN m.supplier_id
      ELSE m.supplier_period
    END AS value
  FROM materials AS m
  JOIN seeds.factors AS f ON f.material_kind = m.material_kind
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
