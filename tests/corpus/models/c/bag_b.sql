-- Other numbers that repeat.
SELECT * FROM (VALUES (1), (2), (2), (2), (4), (CAST(NULL AS INT))) AS v (a)
