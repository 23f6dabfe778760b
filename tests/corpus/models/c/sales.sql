-- Sales; one without a shop, one without a number of pairs.
SELECT *
FROM (VALUES
  (1, 1, 5, DATE '2026-01-31'),
  (2, 1, NULL, DATE '2026-02-28'),
  (3, 2, 7, DATE '2026-02-28'),
  (4, NULL, 2, DATE '2026-03-01'),
  (5, 9, 1, DATE '2024-02-29'),
  (6, 2, 7, DATE '2026-03-31')) AS v (id, shop, pairs, day)
