-- A number, and none.
SELECT * FROM (VALUES (1), (CAST(NULL AS INT))) AS v (id)
