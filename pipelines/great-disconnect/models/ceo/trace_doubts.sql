-- Where the dates of a leading suspect's lots contradict each other: used or shipped before they came in. ceo.trace follows
-- the lots all the same, so that nobody is left out over a slip in a date; here stands which dates to look at.
WITH made AS (
  SELECT o.component_lot AS lot, o.finished_lot AS into_lot, o.production_order_id AS station, o.produced_on AS at, ascii(right(o.finished_lot, 1)) % 4 AS part
  FROM staging.lot_origin AS o
  JOIN (SELECT DISTINCT finished_lot FROM coo.suspect_lots) AS s ON s.finished_lot = o.finished_lot
),
-- One call a part of staging.flow, as in ceo.trace; a receipt stands in each.
doubts AS (
  SELECT * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity FROM staging.flow WHERE part = 0 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 0), report => 'doubts')
  UNION
  SELECT * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity FROM staging.flow WHERE part = 1 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 1), report => 'doubts')
  UNION
  SELECT * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity FROM staging.flow WHERE part = 2 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 2), report => 'doubts')
  UNION
  SELECT * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity FROM staging.flow WHERE part = 3 OR part IS NULL),
    (SELECT lot, into_lot, station, at FROM made WHERE part = 3), report => 'doubts')
)
SELECT d.kind, d.lot, d.delivery, d.reason, coalesce(f.file || ':' || f.line, r.file || ':' || r.line) AS read_in
FROM doubts AS d
LEFT JOIN staging.flow AS f ON f.delivery = d.delivery
LEFT JOIN staging.receipts AS r ON r.component_lot = d.lot
