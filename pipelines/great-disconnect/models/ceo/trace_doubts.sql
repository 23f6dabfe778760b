-- Where the dates of a leading suspect's lots contradict each other: used or shipped before they came in. ceo.trace follows
-- the lots all the same, so that nobody is left out over a slip in a date; here stands which dates to look at.
WITH doubts AS (
  SELECT * FROM trace(
    (SELECT delivery, sender, recipient, lot, sent, arrived, quantity FROM staging.flow),
    (SELECT component_lot AS lot, finished_lot AS into_lot, production_order_id AS station, produced_on AS at FROM staging.lot_origin
     WHERE finished_lot IN (SELECT finished_lot FROM coo.suspect_lots)),
    report => 'doubts')
)
SELECT d.kind, d.lot, d.delivery, d.reason, coalesce(f.file || ':' || f.line, r.file || ':' || r.line) AS read_in
FROM doubts AS d
LEFT JOIN staging.flow AS f ON f.delivery = d.delivery
LEFT JOIN staging.receipts AS r ON r.component_lot = d.lot
