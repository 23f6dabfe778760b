-- Numbers that repeat.
SELECT * FROM (VALUES (1), (1), (1), (2), (2), (3), (CAST(NULL AS INT)), (CAST(NULL AS INT))) AS v (a)
