-- Rows of a query around another one.
SELECT *
FROM (VALUES
  (1, 10, 'x'), (2, 20, 'y'), (3, NULL, 'x'), (4, 40, NULL), (CAST(NULL AS INT), 5, 'z')) AS v (id, n, k)
