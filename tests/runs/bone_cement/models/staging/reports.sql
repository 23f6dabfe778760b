-- What was known at the end of the day in question: reports received by then that name a lot, with the
-- family of their brand. Lots are compared within a family, since families differ in what is reported of them.
SELECT report_number, lot_number, CAST(date_received AS DATE) AS received_on, event_type = 'Malfunction' AS malfunction,
       coalesce(
           regexp_match(
               upper(brand_name),
               '(COBALT|REFOBACIN|PALACOS|SIMPLEX|SMARTSET|VERTECEM|OPTIPAC|BIOMET BONE CEMENT|ANTIBIOTIC|CONFIDENCE|KYPH)'
           )[1],
           'OTHER'
       ) AS family
FROM raw.reports
WHERE lot_number IS NOT NULL AND CAST(date_received AS DATE) <= $as_of
