-- Where the dates of a leading suspect's lots contradict each other: used or shipped before they came in. ceo.trace follows
-- the lots all the same, so that nobody is left out over a slip in a date; here stands which dates to look at.
WITH made AS (
  SELECT o.component_lot AS lot, o.finished_lot AS into_lot, o.production_order_id AS station, o.produced_on AS at
  FROM staging.lot_origin AS o
  JOIN (SELECT DISTINCT finished_lot FROM coo.suspect_lots) AS s ON s.finished_lot = o.finished_lot
  JOIN (SELECT DISTINCT lot FROM staging.flow WHERE what = 'received') AS r ON r.lot = o.component_lot
),
-- Of what was shipped only what left too early can contradict.
moved AS (
  SELECT f.*
  FROM staging.flow AS f
  LEFT JOIN staging.lots AS l ON l.finished_lot = f.lot
  WHERE f.what NOT LIKE '%shipped' OR f.sent < l.produced_on
)
SELECT d.kind, d.lot, d.delivery, d.reason, coalesce(f.file || ':' || f.line, r.file || ':' || r.line) AS read_in
FROM trace(
  (SELECT delivery, sender, recipient, lot, sent, arrived, quantity FROM moved),
  (SELECT * FROM made), report => 'doubts') AS d
LEFT JOIN staging.flow AS f ON f.delivery = d.delivery
LEFT JOIN staging.receipts AS r ON r.component_lot = d.lot
