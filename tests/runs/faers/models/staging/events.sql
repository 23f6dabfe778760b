-- One row a case, drug and event.
SELECT "CASEID" AS case_id, "DRUG" AS drug, "AE" AS event FROM raw.events
