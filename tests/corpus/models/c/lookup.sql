-- What `many.b` refers to, with repeats and gaps.
SELECT value AS k, CASE WHEN value % 7 <> 0 THEN (value * 13) % 97 END AS b, 'n' || CAST(value AS VARCHAR) AS n
FROM (SELECT unnest(generate_series(0, 120)) AS value) AS numbers
