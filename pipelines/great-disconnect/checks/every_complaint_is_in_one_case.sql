-- A complaint in no case would be forgotten, in two counted twice; and a case counts once, however
-- often it is repeated.
WITH
sums AS (
  SELECT
    'complaints' AS what,
    (SELECT count(*) FROM staging.complaints) AS complaints,
    (SELECT sum(tellings) FROM staging.cases) AS in_cases
  UNION ALL
  SELECT
    'counted',
    (SELECT count(*) FROM staging.complaints WHERE counted),
    (SELECT count(*) FROM staging.cases WHERE counted)
)
SELECT what, complaints, in_cases
FROM sums
WHERE complaints <> in_cases
