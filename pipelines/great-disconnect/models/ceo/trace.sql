-- The way from what a leading suspect delivered to what customers told of, step by step and each with file and
-- line: received from the supplier, issued to a production order, made, shipped for an order line.
-- `back`: for each letter the way that leads from the suspect to it. `forward`: from each suspected receipt (or lot) to every
-- order line that got, or perhaps got, something of it, whether they wrote or not. A way says that a
-- pair can have come from there; that it is the cause is another question (ceo.suspects). The lots are followed whatever
-- their dates say: ceo.trace_doubts lists dates that contradict each other.
WITH leading AS (
  SELECT a.topic || ': ' || a.suspect AS incident, a.suspect_kind, a.suspect, l.production_order_id
  FROM coo.attribution AS a
  LEFT JOIN staging.lots AS l ON a.suspect_kind = 'finished_lot' AND l.finished_lot = a.suspect
  WHERE a.verdict = 'leading suspect' AND a.part_of IS NULL
),
ways AS (
  SELECT 'back' AS direction, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, told AS weight FROM staging.flow),
    (SELECT component_lot AS lot, finished_lot AS into_lot, production_order_id AS station, produced_on AS at FROM staging.lot_origin
     WHERE finished_lot IN (SELECT finished_lot FROM coo.suspect_lots)),
    report => 'paths', ordered => false)
  UNION ALL
  SELECT 'forward', * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, suspected AS weight FROM staging.flow),
    (SELECT component_lot AS lot, finished_lot AS into_lot, production_order_id AS station, produced_on AS at FROM staging.lot_origin
     WHERE finished_lot IN (SELECT finished_lot FROM coo.suspect_lots)),
    report => 'paths', direction => 'forward', ordered => false)
),
begun AS (
  SELECT w.*, CASE w.direction WHEN 'back' THEN w.origin ELSE b.sender END AS began_at
  FROM ways AS w
  LEFT JOIN staging.flow AS b ON b.delivery = w.origin
)
SELECT k.incident, w.direction, w.path, w.step, w.steps, f.what, w.sender, w.recipient, w.lot, w.quantity, w.sent AS sent_on, w.arrived AS arrived_on,
       w.because, w.destination, f.file || ':' || f.line AS read_in
FROM begun AS w
JOIN staging.flow AS f ON f.delivery = w.delivery
JOIN leading AS k
  ON (k.suspect_kind = 'supplier_period' AND w.began_at = k.suspect)
  OR (k.suspect_kind = 'supplier' AND starts_with(w.began_at, k.suspect || ' '))
  OR (k.suspect_kind = 'finished_lot' AND w.began_at = k.production_order_id)
WHERE w.direction = 'back' OR w.destination IN (SELECT recipient FROM staging.flow WHERE what LIKE '%shipped')
