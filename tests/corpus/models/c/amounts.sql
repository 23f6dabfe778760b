-- Amounts of three places, halves among them.
SELECT *
FROM (VALUES
  (1, CAST('1.005' AS DECIMAL(10, 3))), (2, CAST('2.675' AS DECIMAL(10, 3))),
  (3, CAST('-1.005' AS DECIMAL(10, 3))), (4, CAST(NULL AS DECIMAL(10, 3)))) AS v (id, x)
