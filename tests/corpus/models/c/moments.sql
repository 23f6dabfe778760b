-- Moments about a change of summer time, a leap day, and none.
SELECT *
FROM (VALUES
  (1, TIMESTAMP '2026-03-29 00:45:00'), (2, TIMESTAMP '2026-03-29 01:15:00'),
  (3, TIMESTAMP '2026-10-25 00:45:00'), (4, TIMESTAMP '2024-02-29 23:59:59'),
  (5, TIMESTAMP '1969-12-31 23:00:00'), (6, CAST(NULL AS TIMESTAMP))) AS v (id, seen)
