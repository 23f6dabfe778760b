-- The finished lots whose complaints a suspected window counts: those whose largest share of the
-- material was received, or that were made, from its first day to its last.
-- @kind view
SELECT
  w.topic,
  w.factor,
  w.suspect_kind,
  w.suspect,
  w.verdict,
  w.part_of,
  s.finished_lot
FROM coo.windows AS w
JOIN
  staging.lot_series AS s ON s.factor = w.factor
  AND s.series = w.series
  AND s.step BETWEEN CAST(w.first_on AS VARCHAR)
  AND CAST(w.last_on AS VARCHAR)
