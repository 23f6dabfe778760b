-- What moved on the way from a leading suspect to a customer, one row a movement with the file and
-- line where it can be read: component lots received from the suspect, issued to a production
-- order, finished lots put into the warehouse, pairs shipped for an order line. `suspected` is 1
-- where a way begins: a receipt from a leading supplier, and a lot that leads by itself. `doubt`
-- says where dates contradict each other, such as a lot that was used before it came in; ceo.trace
-- follows the lots all the same, so that a slip in a date leaves no buyer out.
-- @column delivery: The movement.
-- @column what: received, issued, made, shipped or perhaps shipped.
-- @column sender: Where it came from.
-- @column recipient: Where it went: a place, a production order, an order line.
-- @column lot: The component or finished lot that moved.
-- @column sent: When it left.
-- @column arrived: When it arrived; blank where it has not.
-- @column quantity: How much moved.
-- @column suspected: 1 where a way from a leading suspect begins, else 0.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
-- @column doubt: How its dates contradict others; blank where they do not.
WITH
suspect_lots AS (SELECT DISTINCT finished_lot FROM coo.containment),
leading_suspects AS (
  SELECT DISTINCT suspect_kind, suspect
  FROM coo.attribution
  WHERE verdict = 'leading suspect' AND part_of IS NULL
),
-- Lots that a way begins at: there is no receipt to begin with.
first_lots AS (
  SELECT suspect AS finished_lot
  FROM leading_suspects
  WHERE suspect_kind = 'finished_lot'
  UNION
  SELECT finished_lot
  FROM coo.window_lots
  WHERE
    verdict = 'leading suspect'
    AND part_of IS NULL
    AND suspect_kind = 'plant_period'
),
window_receipts AS (
  SELECT receipt_id
  FROM coo.window_receipts
  WHERE verdict = 'leading suspect' AND part_of IS NULL
  GROUP BY receipt_id
),
suspect_receipts AS (
  SELECT DISTINCT
    r.receipt_id,
    concat(r.supplier_id, ' ', r.material_id) AS sender,
    r.component_lot,
    r.received_on,
    r.quantity,
    r.file,
    r.line
  FROM staging.receipts AS r
  LEFT JOIN window_receipts AS w ON w.receipt_id = r.receipt_id
  LEFT JOIN
    leading_suspects AS k ON k.suspect_kind = 'supplier'
    AND k.suspect = r.supplier_id
  WHERE
    (w.receipt_id IS NOT NULL OR k.suspect IS NOT NULL)
    AND r.component_lot IN (
      SELECT o.component_lot
      FROM staging.lot_origin AS o
      JOIN suspect_lots AS l ON l.finished_lot = o.finished_lot
    )
),
movements AS (
  SELECT
    'receipt ' || receipt_id AS delivery,
    'received' AS what,
    sender,
    'incoming goods' AS recipient,
    component_lot AS lot,
    received_on AS sent,
    received_on AS arrived,
    quantity,
    1 AS suspected,
    file,
    line
  FROM suspect_receipts
  UNION ALL
  SELECT
    'issue ' || c.production_order_id || ' ' || c.component_lot,
    'issued',
    'incoming goods',
    c.production_order_id,
    c.component_lot,
    l.started_on AS sent,
    l.started_on AS arrived,
    c.quantity,
    0,
    c._file,
    c._line
  FROM erp.consumption AS c
  JOIN staging.lots AS l ON l.production_order_id = c.production_order_id
  JOIN suspect_lots AS s ON s.finished_lot = l.finished_lot
  WHERE c.component_lot IN (SELECT component_lot FROM suspect_receipts)
  UNION ALL
  SELECT
    'lot ' || l.finished_lot,
    'made',
    l.production_order_id,
    'warehouse',
    l.finished_lot,
    l.produced_on AS sent,
    l.produced_on AS arrived,
    CAST(l.made AS DOUBLE),
    CASE WHEN k.finished_lot IS NOT NULL THEN 1 ELSE 0 END,
    l.file,
    l.line
  FROM staging.lots AS l
  JOIN suspect_lots AS s ON s.finished_lot = l.finished_lot
  LEFT JOIN first_lots AS k ON k.finished_lot = l.finished_lot
  UNION ALL
  SELECT
    'shipment ' || d.shipment_id || ' ' || d.finished_lot,
    CASE WHEN d.pick = 'mixed' THEN 'perhaps shipped' ELSE 'shipped' END,
    'warehouse',
    d.order_id || ' / ' || d.order_line,
    d.finished_lot,
    d.shipped_on,
    d.delivered_on,
    CAST(d.quantity AS DOUBLE),
    0,
    d.file,
    d.line
  FROM staging.deliveries AS d
  JOIN suspect_lots AS s ON s.finished_lot = d.finished_lot
),
lot_uses AS (
  SELECT
    o.component_lot AS lot,
    o.finished_lot AS into_lot,
    o.production_order_id AS station,
    o.produced_on AS at
  FROM staging.lot_origin AS o
  JOIN suspect_lots AS s ON s.finished_lot = o.finished_lot
  WHERE o.component_lot IN (SELECT component_lot FROM suspect_receipts)
),
-- Of what was shipped only what left before its lot was made can contradict.
early_movements AS (
  SELECT m.*
  FROM movements AS m
  LEFT JOIN staging.lots AS l ON l.finished_lot = m.lot
  WHERE m.what NOT LIKE '%shipped' OR m.sent < l.produced_on
),
doubts AS (
  SELECT
    coalesce(d.delivery, 'receipt ' || r.receipt_id) AS delivery,
    string_agg(d.reason, ' ' ORDER BY d.reason) AS doubt
  FROM
    trace(
      (
        SELECT delivery, sender, recipient, lot, sent, arrived, quantity
        FROM early_movements
      ),
      (SELECT * FROM lot_uses),
      report => 'doubts'
    ) AS d
  LEFT JOIN suspect_receipts AS r ON r.component_lot = d.lot
  GROUP BY coalesce(d.delivery, 'receipt ' || r.receipt_id)
)
SELECT m.*, d.doubt
FROM movements AS m
LEFT JOIN doubts AS d ON d.delivery = m.delivery
