-- Which drug has more of which event than the others, in one query: pairs that at least 20 cases name together.
SELECT * FROM disproportionality(
    (SELECT case_id, drug, event FROM staging.events),
    report => 'case_id', unit => 'drug', topic => 'event', minimum_together => 20)
