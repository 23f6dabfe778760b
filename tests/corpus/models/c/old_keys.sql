-- Keys of the old system.
SELECT * FROM (VALUES (1, 10), (2, 20), (3, 30)) AS v (k, x)
