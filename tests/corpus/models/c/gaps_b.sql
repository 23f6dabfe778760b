-- Other keys with a gap.
SELECT * FROM (VALUES (1, 10), (CAST(NULL AS INT), 5), (4, 50)) AS v (id, z)
