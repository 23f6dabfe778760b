-- Reports that name a lot, with the family of their brand: lots are compared within a family,
-- since families differ in what is reported of them.
SELECT report_number, lot_number, date_received, event_type = 'Malfunction' AS malfunction,
       coalesce(
           regexp_match(
               upper(brand_name),
               '(COBALT|REFOBACIN|PALACOS|SIMPLEX|SMARTSET|VERTECEM|OPTIPAC|BIOMET BONE CEMENT|ANTIBIOTIC|CONFIDENCE|KYPH)'
           )[1],
           'OTHER'
       ) AS family
FROM raw.reports
WHERE lot_number IS NOT NULL
