-- What people complain about, by topic, product, region and week (from Monday); second letters are not counted.
SELECT topic, severity, coalesce(product_id, 'not named') AS product, coalesce(region, 'not known') AS region,
       CAST(date_trunc('week', created_on) AS DATE) AS week, count(*) AS complaints,
       sum(CASE WHEN finished_lot IS NOT NULL THEN 1 ELSE 0 END) AS traced_to_lot
FROM staging.complaints
WHERE counted
GROUP BY topic, severity, coalesce(product_id, 'not named'), coalesce(region, 'not known'), CAST(date_trunc('week', created_on) AS DATE)
