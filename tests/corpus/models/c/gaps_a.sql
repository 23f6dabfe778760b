-- Keys with a gap, and a second number.
SELECT * FROM (VALUES (1, 10), (2, 20), (CAST(NULL AS INT), 30), (4, 40)) AS v (id, z)
