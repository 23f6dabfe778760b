-- Lots with at least three reports, of which more are malfunctions than in the rest of the family.
SELECT * FROM disproportionality(
    (SELECT family, lot_number, malfunction FROM staging.reports),
    unit => 'lot_number', hit => 'malfunction', minimum => 3)
