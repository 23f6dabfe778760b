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
made AS (
  SELECT o.component_lot AS lot, o.finished_lot AS into_lot, o.production_order_id AS station, o.produced_on AS at, ascii(right(o.finished_lot, 1)) % 4 AS part
  FROM staging.lot_origin AS o
  JOIN (SELECT DISTINCT finished_lot FROM coo.suspect_lots) AS s ON s.finished_lot = o.finished_lot
),
-- One call a part of staging.flow, so that each fits into an instance.
ways AS (
  SELECT 'back' AS direction, 0 AS part, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, told AS weight FROM staging.flow WHERE part = 0 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 0), report => 'paths', ordered => false)
  UNION ALL
  SELECT 'back' AS direction, 1 AS part, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, told AS weight FROM staging.flow WHERE part = 1 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 1), report => 'paths', ordered => false)
  UNION ALL
  SELECT 'back' AS direction, 2 AS part, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, told AS weight FROM staging.flow WHERE part = 2 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 2), report => 'paths', ordered => false)
  UNION ALL
  SELECT 'back' AS direction, 3 AS part, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, told AS weight FROM staging.flow WHERE part = 3 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 3), report => 'paths', ordered => false)
  UNION ALL
  SELECT 'forward' AS direction, 0 AS part, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, suspected AS weight FROM staging.flow WHERE part = 0 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 0), report => 'paths', direction => 'forward', ordered => false)
  UNION ALL
  SELECT 'forward' AS direction, 1 AS part, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, suspected AS weight FROM staging.flow WHERE part = 1 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 1), report => 'paths', direction => 'forward', ordered => false)
  UNION ALL
  SELECT 'forward' AS direction, 2 AS part, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, suspected AS weight FROM staging.flow WHERE part = 2 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 2), report => 'paths', direction => 'forward', ordered => false)
  UNION ALL
  SELECT 'forward' AS direction, 3 AS part, * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity, suspected AS weight FROM staging.flow WHERE part = 3 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 3), report => 'paths', direction => 'forward', ordered => false)
),
begun AS (
  SELECT w.*, CASE w.direction WHEN 'back' THEN w.origin ELSE b.sender END AS began_at
  FROM ways AS w
  LEFT JOIN staging.flow AS b ON b.delivery = w.origin
)
SELECT k.incident, w.direction, 4 * w.path + w.part AS path, w.step, w.steps, f.what, w.sender, w.recipient, w.lot, w.quantity, w.sent AS sent_on, w.arrived AS arrived_on,
       w.because, w.destination, f.file || ':' || f.line AS read_in
FROM begun AS w
JOIN staging.flow AS f ON f.delivery = w.delivery
JOIN leading AS k
  ON (k.suspect_kind = 'supplier_period' AND w.began_at = k.suspect)
  OR (k.suspect_kind = 'supplier' AND starts_with(w.began_at, k.suspect || ' '))
  OR (k.suspect_kind = 'finished_lot' AND w.began_at = k.production_order_id)
WHERE w.direction = 'back' OR w.destination IN (SELECT recipient FROM staging.flow WHERE what LIKE '%shipped')
