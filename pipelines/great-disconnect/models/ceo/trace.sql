-- The way from what a leading suspect delivered to every order line that got, or perhaps got, something of it, step by
-- step and each with file and line: received from the supplier, issued to a production order, made, shipped. `letters`
-- counts what customers told about the end of the way: `WHERE letters > 0` is the proof of a suspicion, without it
-- stand all who are affected, whether they wrote or not. A letter that names a lot and no order ends at the lot. A way says that a
-- pair can have come from there; that it is the cause is another question (ceo.suspects). The lots are followed whatever
-- their dates say: ceo.trace_doubts lists dates that contradict each other.
WITH leading AS (
  SELECT a.topic || ': ' || a.suspect AS incident, a.suspect_kind, a.suspect, l.production_order_id
  FROM coo.attribution AS a
  LEFT JOIN staging.lots AS l ON a.suspect_kind = 'finished_lot' AND l.finished_lot = a.suspect
  WHERE a.verdict = 'leading suspect' AND a.part_of IS NULL
),
made AS (
  SELECT o.component_lot AS lot, o.finished_lot AS into_lot, o.production_order_id AS station, o.produced_on AS at
  FROM staging.lot_origin AS o
  JOIN (SELECT DISTINCT finished_lot FROM coo.suspect_lots) AS s ON s.finished_lot = o.finished_lot
  JOIN (SELECT DISTINCT lot FROM staging.flow WHERE what = 'received') AS r ON r.lot = o.component_lot
),
-- Lots are followed; who got a pair of a lot is a join, however many they are. That each lot is a place of its own lets a way
-- end at each.
ways AS (
  SELECT path AS way, step, steps, origin, delivery, because, substr(destination, 5) AS finished_lot
  FROM trace(
    (SELECT delivery, sender, CASE what WHEN 'made' THEN delivery ELSE recipient END AS recipient, lot, sent, arrived, quantity, suspected AS weight
     FROM staging.flow WHERE what NOT LIKE '%shipped'),
    (SELECT * FROM made), report => 'paths', direction => 'forward', ordered => false)
  WHERE starts_with(destination, 'lot ')
),
of_suspects AS (
  SELECT DISTINCT k.incident, w.way, w.steps, w.finished_lot
  FROM ways AS w
  JOIN staging.flow AS b ON b.delivery = w.origin
  JOIN leading AS k
    ON (k.suspect_kind = 'supplier_period' AND b.sender = k.suspect)
    OR (k.suspect_kind = 'supplier' AND starts_with(b.sender, k.suspect || ' '))
    OR (k.suspect_kind = 'finished_lot' AND b.sender = k.production_order_id)
),
letters AS (
  SELECT incident, finished_lot, order_id || ' / ' || order_line AS line, count(DISTINCT interaction_id) AS letters
  FROM ceo.evidence WHERE verdict = 'leading suspect' AND finished_lot IS NOT NULL
  GROUP BY incident, finished_lot, order_id || ' / ' || order_line
),
ends AS (
  SELECT s.*, f.delivery AS last, f.recipient AS destination, coalesce(t.letters, 0) AS letters
  FROM of_suspects AS s
  JOIN staging.flow AS f ON f.lot = s.finished_lot AND f.what LIKE '%shipped'
  LEFT JOIN letters AS t ON t.incident = s.incident AND t.finished_lot = s.finished_lot AND t.line = f.recipient
  UNION ALL
  SELECT s.*, NULL, 'lot ' || s.finished_lot, t.letters
  FROM of_suspects AS s
  JOIN letters AS t ON t.incident = s.incident AND t.finished_lot = s.finished_lot AND t.line IS NULL
),
numbered AS (
  SELECT *, row_number() OVER (ORDER BY incident, way, last, destination) AS path FROM ends
),
stepped AS (
  SELECT n.incident, n.path, w.step, n.steps, n.last, n.destination, n.letters, w.delivery, w.because
  FROM numbered AS n
  JOIN ways AS w ON w.way = n.way
  UNION ALL
  SELECT incident, path, steps + 1, steps, last, destination, letters, last AS delivery, 'same lot ' || finished_lot AS because
  FROM numbered WHERE last IS NOT NULL
)
SELECT s.incident, s.path, s.step, CASE WHEN s.last IS NULL THEN s.steps ELSE s.steps + 1 END AS steps, f.what, f.sender, f.recipient, f.lot, f.quantity,
       f.sent AS sent_on, f.arrived AS arrived_on, s.because, s.destination, s.letters, f.file || ':' || f.line AS read_in
FROM stepped AS s
JOIN staging.flow AS f ON f.delivery = s.delivery
