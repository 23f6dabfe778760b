-- What the incoming inspection rejected of what it looked at, with Wilson's 95 % interval: by
-- supplier, by supplier and material, and by supplier period. A receipt without a readable
-- inspection is counted as `not_inspected`.
-- @column kind: supplier, supplier and material, or supplier period.
-- @column unit: Which of this kind.
-- @column supplier: The name of the supplier.
-- @column receipts: Component lots received.
-- @column not_inspected: Receipts without a readable inspection.
-- @column refused: Receipts whose result was rejected.
-- @column inspected: Units looked at.
-- @column rejected: Units rejected.
-- @column rejected_share: Share of units rejected.
-- @column rejected_low: Lower end of Wilson's 95 % interval of the share.
-- @column rejected_high: Upper end of Wilson's 95 % interval of the share.
-- @column place: Rank within the kind, by the lower end.
WITH
unit_receipts AS (
  SELECT
    'supplier' AS kind,
    supplier_id AS unit,
    supplier_id,
    inspected,
    rejected,
    result
  FROM staging.receipts
  UNION ALL
  SELECT
    'supplier and material',
    supplier_id || ' ' || material_id,
    supplier_id,
    inspected,
    rejected,
    result
  FROM staging.receipts
  UNION ALL
  SELECT 'supplier period', supplier_period, supplier_id, inspected, rejected, result
  FROM staging.receipts
),
units AS (
  SELECT
    kind,
    unit,
    supplier_id,
    count(*) AS receipts,
    count(*) FILTER (WHERE inspected IS NULL) AS not_inspected,
    count(*) FILTER (WHERE result = 'rejected') AS refused,
    sum(inspected) AS inspected,
    sum(rejected) AS rejected
  FROM unit_receipts
  GROUP BY kind, unit, supplier_id
),
shares AS (
  SELECT kind, unit, proportion(rejected, inspected) AS r
  FROM units
  GROUP BY kind, unit
)
SELECT
  u.kind,
  u.unit,
  trim(s.name) AS supplier,
  u.receipts,
  u.not_inspected,
  u.refused,
  u.inspected,
  u.rejected,
  h.r['share'] AS rejected_share,
  h.r['low'] AS rejected_low,
  h.r['high'] AS rejected_high,
  rank() OVER (PARTITION BY u.kind ORDER BY h.r['low'] DESC NULLS LAST) AS place
FROM units AS u
JOIN shares AS h ON h.kind = u.kind AND h.unit = u.unit
JOIN erp.suppliers AS s ON s.supplier_id = u.supplier_id
