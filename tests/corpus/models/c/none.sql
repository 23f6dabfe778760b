-- No row.
SELECT * FROM (VALUES (1, 'a')) AS v (id, label) WHERE id < 0
