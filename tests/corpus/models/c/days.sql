-- Ends of months and years, a leap day, the day before the epoch, the open end.
SELECT *
FROM (VALUES
  (1, DATE '2024-01-31'), (2, DATE '2024-02-29'), (3, DATE '2023-12-31'), (4, DATE '1969-12-31'),
  (5, DATE '2026-01-01'), (6, CAST(NULL AS DATE)), (7, DATE '2027-01-01')) AS v (id, d)
