-- Groups of numbers with a gap and a tie.
SELECT *
FROM (VALUES
  (1, 'a', 10), (2, 'a', CAST(NULL AS INT)), (3, 'a', 30), (4, 'b', 40), (5, 'b', 40),
  (6, 'b', 60), (7, CAST(NULL AS VARCHAR), 5)) AS v (id, g, v)
