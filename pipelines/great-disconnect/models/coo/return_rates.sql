-- How many pairs came back, came back for a defect, and were claimed under warranty, per pair
-- shipped, each with the exact 95 % interval: by lot, supplier (of any main material), region and
-- product. A line that may hold two lots is not in the rates by lot and supplier.
-- @column kind: region, product, lot or supplier.
-- @column unit: Which of this kind.
-- @column shipped: Pairs shipped.
-- @column returned: Pairs that came back.
-- @column return_rate: Pairs returned per pair shipped.
-- @column return_rate_low: Lower end of its exact 95 % interval.
-- @column return_rate_high: Upper end of its exact 95 % interval.
-- @column returned_defect: Pairs returned for a fault of the product.
-- @column defect_rate: Pairs returned for a fault per pair shipped.
-- @column defect_rate_low: Lower end of its exact 95 % interval.
-- @column defect_rate_high: Upper end of its exact 95 % interval.
-- @column claimed: Pairs claimed under warranty.
-- @column claim_rate: Pairs claimed per pair shipped.
-- @column claim_rate_low: Lower end of its exact 95 % interval.
-- @column claim_rate_high: Upper end of its exact 95 % interval.
WITH
lot_suppliers AS (
  SELECT DISTINCT finished_lot, supplier_id
  FROM staging.lot_origin
  WHERE main
),
lots AS (
  SELECT
    finished_lot,
    sum(shipped) AS shipped,
    sum(returned) AS returned,
    sum(returned_defect) AS returned_defect,
    sum(claimed) AS claimed
  FROM staging.order_lines
  WHERE finished_lot IS NOT NULL
  GROUP BY finished_lot
),
unit_lines AS (
  SELECT 'region' AS kind, region AS unit, shipped, returned, returned_defect, claimed
  FROM staging.order_lines
  UNION ALL
  SELECT 'product', product_id, shipped, returned, returned_defect, claimed
  FROM staging.order_lines
  UNION ALL
  SELECT 'lot', finished_lot, shipped, returned, returned_defect, claimed
  FROM lots
  UNION ALL
  SELECT 'supplier', s.supplier_id, l.shipped, l.returned, l.returned_defect, l.claimed
  FROM lots AS l
  JOIN lot_suppliers AS s ON s.finished_lot = l.finished_lot
),
units AS (
  SELECT
    kind,
    unit,
    sum(shipped) AS shipped,
    sum(returned) AS returned,
    sum(returned_defect) AS returned_defect,
    sum(claimed) AS claimed,
    event_rate(returned, shipped) AS returns,
    event_rate(returned_defect, shipped) AS defects,
    event_rate(claimed, shipped) AS claims
  FROM unit_lines
  GROUP BY kind, unit
)
SELECT
  kind,
  unit,
  shipped,
  returned,
  returns['rate'] AS return_rate,
  returns['low'] AS return_rate_low,
  returns['high'] AS return_rate_high,
  returned_defect,
  defects['rate'] AS defect_rate,
  defects['low'] AS defect_rate_low,
  defects['high'] AS defect_rate_high,
  claimed,
  claims['rate'] AS claim_rate,
  claims['low'] AS claim_rate_low,
  claims['high'] AS claim_rate_high
FROM units
