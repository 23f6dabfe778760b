-- Numbers written as texts.
SELECT * FROM (VALUES (1, '9'), (2, '10'), (3, '100'), (4, '007')) AS v (id, s)
