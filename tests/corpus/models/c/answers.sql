-- Answers of an interface, as JSON.
SELECT *
FROM (VALUES
  (1, '{"lot": "L1", "n": 3, "tags": ["sole", "heel"], "at": {"day": "2026-01-31"}, "ok": true}'),
  (2, '{"lot": "L2", "n": null, "tags": []}'),
  (3, '{"lot": "長", "n": 2.5}'),
  (4, CAST(NULL AS VARCHAR))) AS v (id, j)
