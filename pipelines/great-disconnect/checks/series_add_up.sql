-- Cut by week, month or age, the sums stay those of the whole.
SELECT 'shipped by week' AS what, CAST(a.whole AS DOUBLE) AS whole, CAST(b.parts AS DOUBLE) AS parts
FROM (SELECT sum(shipped) AS whole FROM staging.order_lines) AS a
CROSS JOIN (SELECT sum(shipped) AS parts FROM cmo.series_weekly) AS b
WHERE a.whole <> b.parts
UNION ALL
SELECT 'shipped by month' AS what, CAST(a.whole AS DOUBLE) AS whole, CAST(b.parts AS DOUBLE) AS parts
FROM (SELECT sum(shipped) AS whole FROM staging.order_lines) AS a
CROSS JOIN (SELECT sum(shipped) AS parts FROM ceo.growth WHERE product_id <> 'all') AS b
WHERE a.whole <> b.parts
UNION ALL
SELECT 'complaints by week' AS what, CAST(a.whole AS DOUBLE) AS whole, CAST(b.parts AS DOUBLE) AS parts
FROM (SELECT count(*) AS whole FROM staging.complaints WHERE counted AND product_id IS NOT NULL AND region IS NOT NULL) AS a
CROSS JOIN (SELECT sum(complaints) AS parts FROM cmo.series_weekly) AS b
WHERE a.whole <> b.parts
UNION ALL
SELECT 'failures by age' AS what, CAST(a.whole AS DOUBLE) AS whole, CAST(b.parts AS DOUBLE) AS parts
FROM (SELECT sum(failures) AS whole FROM cmo.age_at_failure) AS a
CROSS JOIN (SELECT sum(complaints) AS parts FROM cmo.failure_by_age) AS b
WHERE a.whole <> b.parts
UNION ALL
SELECT 'stock to hold' AS what, CAST(a.whole AS DOUBLE) AS whole, CAST(b.parts AS DOUBLE) AS parts
FROM (SELECT coalesce(sum(in_stock), 0) AS whole FROM coo.containment) AS a
CROSS JOIN (SELECT coalesce(sum(quantity), 0) AS parts FROM coo.stop_ship WHERE what = 'pairs in stock') AS b
WHERE a.whole <> b.parts
UNION ALL
SELECT 'under way' AS what, CAST(a.whole AS DOUBLE) AS whole, CAST(b.parts AS DOUBLE) AS parts
FROM (SELECT coalesce(sum(under_way), 0) AS whole FROM coo.containment) AS a
CROSS JOIN (SELECT coalesce(sum(quantity), 0) AS parts FROM coo.stop_ship WHERE what = 'parcel under way') AS b
WHERE a.whole <> b.parts
