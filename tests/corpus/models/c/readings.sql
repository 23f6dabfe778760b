-- Measured values: both zeros, one that is no number, one missing.
SELECT *
FROM (VALUES
  (1, CAST(0.0 AS DOUBLE)),
  (2, CAST(-0.0 AS DOUBLE)),
  (3, CAST(1.5 AS DOUBLE)),
  (4, CAST('NaN' AS DOUBLE)),
  (5, CAST(NULL AS DOUBLE)),
  (6, CAST(-7.25 AS DOUBLE))) AS v (id, x)
