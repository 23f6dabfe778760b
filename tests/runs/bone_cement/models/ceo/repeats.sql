-- Lots that people come back about: malfunctions on how many different days, where reports of one lot and day (a
-- batch sent in at once) count once. The size of a lot is not known, so each lot that is named at all counts
-- alike; a lot much larger than the others would come back more often without being worse.
SELECT * FROM attribute(
    (SELECT 'malfunction' AS topic, lot_number, 1 AS shipped,
            count(DISTINCT CASE WHEN malfunction THEN received_on END) AS complaints
     FROM staging.reports
     GROUP BY lot_number))
