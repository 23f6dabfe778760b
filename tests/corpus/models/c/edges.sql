-- A graph with a circle.
SELECT * FROM (VALUES (1, 2), (2, 3), (3, 1), (3, 4)) AS v (src, dst)
