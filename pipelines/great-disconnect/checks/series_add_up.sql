-- Cut by week, month or age, the sums stay those of the whole.
WITH
sums AS (
  SELECT
    'shipped by week' AS what,
    (SELECT sum(shipped) FROM staging.order_lines) AS whole,
    (SELECT sum(shipped) FROM cmo.series_weekly) AS parts
  UNION ALL
  SELECT
    'shipped by month',
    (SELECT sum(shipped) FROM staging.order_lines),
    (SELECT sum(shipped) FROM ceo.growth WHERE product_id <> 'all')
  UNION ALL
  SELECT
    'complaints by week',
    (SELECT count(*) FROM staging.complaints WHERE counted),
    (SELECT sum(complaints) FROM cmo.series_weekly)
  UNION ALL
  SELECT
    'failures by age',
    (SELECT sum(failures) FROM cmo.age_at_failure),
    (SELECT sum(complaints) FROM cmo.failure_by_age)
  UNION ALL
  SELECT
    'stock to hold',
    (SELECT sum(in_stock) FROM coo.containment),
    (SELECT sum(quantity) FROM coo.stop_ship WHERE what = 'pairs in stock')
  UNION ALL
  SELECT
    'under way',
    (SELECT sum(under_way) FROM coo.containment),
    (SELECT sum(quantity) FROM coo.stop_ship WHERE what = 'parcel under way')
)
SELECT what, whole, parts
FROM sums
WHERE coalesce(whole, 0) <> coalesce(parts, 0)
