-- Keys of the new system.
SELECT * FROM (VALUES (2, 200), (3, 300), (4, 400)) AS v (k, y)
