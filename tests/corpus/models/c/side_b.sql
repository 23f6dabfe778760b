-- Rows beside those of `side_a`, of which all columns have the same names.
SELECT *
FROM (VALUES
  (1, 11, 'q'), (2, 22, 'x'), (2, 21, 'x'), (3, 33, 'y'), (4, 40, NULL), (CAST(NULL AS INT), 9, 'z'), (1, 10, 'x')) AS v (id, n, k)
