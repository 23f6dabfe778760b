-- The way from what a leading suspect delivered to every order line that got, or perhaps got,
-- something of it, step by step and each with file and line: received from the supplier, issued to
-- a production order, made, shipped. `complaints` counts the complaints about the end of the way:
-- `WHERE complaints > 0` is the proof of a suspicion; without it the ways lead to all who are
-- affected, whether they wrote or not. A complaint whose lot store staff noted, without an order,
-- ends at the lot. A way says that a pair can have come from there; that it is the cause is another
-- question (ceo.suspects). Lots are followed whatever their dates say: coo.movements has the dates
-- that contradict each other.
-- @column incident: The incident: topic and leading suspect.
-- @column path: The way.
-- @column step: The number of the step on the way.
-- @column steps: How many steps the way has.
-- @column what: received, issued, made, shipped or perhaps shipped.
-- @column sender: Where the step begins.
-- @column recipient: Where the step ends.
-- @column lot: The component or finished lot that moves.
-- @column quantity: How much moves.
-- @column sent_on: When it left.
-- @column arrived_on: When it arrived; blank where it has not.
-- @column because: What links the step to the one before.
-- @column destination: The end of the way: an order line, or a lot.
-- @column complaints: Complaints about the end of the way.
-- @column read_in: File and line of the step.
WITH
leading_suspects AS (
  SELECT
    a.topic || ': ' || a.suspect AS incident,
    a.suspect_kind,
    a.suspect,
    l.production_order_id
  FROM coo.attribution AS a
  LEFT JOIN
    staging.lots AS l ON a.suspect_kind = 'finished_lot'
    AND l.finished_lot = a.suspect
  WHERE a.verdict = 'leading suspect' AND a.part_of IS NULL
),
lot_uses AS (
  SELECT
    component_lot AS lot,
    finished_lot AS into_lot,
    production_order_id AS station,
    produced_on AS at
  FROM staging.lot_origin
  WHERE
    finished_lot IN (SELECT finished_lot FROM coo.containment)
    AND component_lot IN (SELECT lot FROM coo.movements WHERE what = 'received')
),
-- Lots are followed; who got a pair of a lot is a join, however many they are. That each lot is a
-- place of its own lets a way end at each.
lot_ways AS (
  SELECT
    path AS way,
    step,
    steps,
    origin,
    delivery,
    because,
    substr(destination, 5) AS finished_lot
  FROM
    trace(
      (
        SELECT
          delivery,
          sender,
          CASE WHEN what = 'made' THEN delivery ELSE recipient END AS recipient,
          lot,
          sent,
          arrived,
          quantity,
          suspected AS weight
        FROM coo.movements
        WHERE what NOT LIKE '%shipped'
      ),
      (SELECT * FROM lot_uses),
      report => 'paths',
      direction => 'forward',
      ordered => false
    )
  WHERE starts_with(destination, 'lot ')
),
suspect_ways AS (
  SELECT r.incident, w.way, w.steps, w.finished_lot
  FROM lot_ways AS w
  JOIN coo.window_receipts AS r ON w.origin = 'receipt ' || r.receipt_id
  WHERE r.verdict = 'leading suspect' AND r.part_of IS NULL
  UNION
  SELECT l.topic || ': ' || l.suspect, w.way, w.steps, w.finished_lot
  FROM lot_ways AS w
  JOIN coo.window_lots AS l ON w.origin = 'lot ' || l.finished_lot
  WHERE
    l.verdict = 'leading suspect'
    AND l.part_of IS NULL
    AND l.suspect_kind = 'plant_period'
  UNION
  SELECT s.incident, w.way, w.steps, w.finished_lot
  FROM lot_ways AS w
  JOIN coo.movements AS m ON m.delivery = w.origin
  JOIN
    leading_suspects AS s ON (
      s.suspect_kind = 'supplier'
      AND starts_with(m.sender, s.suspect || ' ')
    )
    OR (s.suspect_kind = 'finished_lot' AND m.sender = s.production_order_id)
),
line_complaints AS (
  SELECT
    incident,
    finished_lot,
    order_id || ' / ' || order_line AS line,
    count(DISTINCT interaction_id) AS complaints
  FROM ceo.evidence
  WHERE verdict = 'leading suspect' AND finished_lot IS NOT NULL
  GROUP BY incident, finished_lot, order_id || ' / ' || order_line
),
way_ends AS (
  SELECT
    w.*,
    m.delivery AS last,
    m.recipient AS destination,
    coalesce(c.complaints, 0) AS complaints
  FROM suspect_ways AS w
  JOIN coo.movements AS m ON m.lot = w.finished_lot AND m.what LIKE '%shipped'
  LEFT JOIN
    line_complaints AS c ON c.incident = w.incident
    AND c.finished_lot = w.finished_lot
    AND c.line = m.recipient
  UNION ALL
  SELECT w.*, NULL, 'lot ' || w.finished_lot, c.complaints
  FROM suspect_ways AS w
  JOIN
    line_complaints AS c ON c.incident = w.incident
    AND c.finished_lot = w.finished_lot
  WHERE c.line IS NULL
),
paths AS (
  SELECT *, row_number() OVER (ORDER BY incident, way, last, destination) AS path
  FROM way_ends
),
path_steps AS (
  SELECT
    p.incident,
    p.path,
    w.step,
    p.steps,
    p.last,
    p.destination,
    p.complaints,
    w.delivery,
    w.because
  FROM paths AS p
  JOIN lot_ways AS w ON w.way = p.way
  UNION ALL
  SELECT
    incident,
    path,
    steps + 1,
    steps,
    last,
    destination,
    complaints,
    last AS delivery,
    'same lot ' || finished_lot AS because
  FROM paths
  WHERE last IS NOT NULL
)
SELECT
  s.incident,
  s.path,
  s.step,
  CASE WHEN s.last IS NULL THEN s.steps ELSE s.steps + 1 END AS steps,
  m.what,
  m.sender,
  m.recipient,
  m.lot,
  m.quantity,
  m.sent AS sent_on,
  m.arrived AS arrived_on,
  s.because,
  s.destination,
  s.complaints,
  m.file || ':' || m.line AS read_in
FROM path_steps AS s
JOIN coo.movements AS m ON m.delivery = s.delivery
