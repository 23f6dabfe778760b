-- What was known at the end of the day in question: reports received by then, with part and production date.
SELECT mdr_report_key AS report, coalesce(part, 'unknown') AS part, part_version AS version,
       CAST(date_received AS DATE) AS received_on, CAST(lot_date AS DATE) AS made_on
FROM raw.events
WHERE CAST(date_received AS DATE) <= $as_of
