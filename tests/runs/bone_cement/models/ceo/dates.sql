-- By lot: its reports, and the first and last day on which one came.
SELECT family, lot_number, count(*) AS reports, count(*) FILTER (WHERE malfunction) AS malfunctions,
       min(received_on) AS first_on, max(received_on) AS last_on
FROM staging.reports
GROUP BY family, lot_number
