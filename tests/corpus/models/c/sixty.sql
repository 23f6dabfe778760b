-- Sixty rows in ten groups.
SELECT value AS id, (value * 3) % 10 AS g, CASE WHEN value % 4 <> 0 THEN value % 6 END AS v
FROM (SELECT unnest(generate_series(1, 60)) AS value) AS numbers
