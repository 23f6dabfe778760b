-- Rows beside those of `side_b`, of which all columns have the same names.
SELECT *
FROM (VALUES
  (1, 11, 'x'), (1, 12, 'y'), (2, 21, 'x'), (3, NULL, 'x'), (5, 50, 'z'), (CAST(NULL AS INT), 7, 'y'), (2, 20, 'y')) AS v (id, n, k)
