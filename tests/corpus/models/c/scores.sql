-- Scores with ties.
SELECT * FROM (VALUES (1, 'x', 5), (2, 'x', 5), (3, 'y', 7), (4, 'y', 2), (5, 'z', 5)) AS v (id, g, v)
