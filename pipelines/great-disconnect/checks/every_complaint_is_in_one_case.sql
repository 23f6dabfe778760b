-- A complaint in no case would be forgotten, in two counted twice; and a case counts once, whoever told it again.
SELECT 'complaints' AS what, a.complaints, b.in_cases
FROM (SELECT count(*) AS complaints FROM staging.complaints) AS a
CROSS JOIN (SELECT sum(tellings) AS in_cases FROM staging.cases) AS b
WHERE a.complaints <> b.in_cases
UNION ALL
SELECT 'counted', a.complaints, b.in_cases
FROM (SELECT count(*) AS complaints FROM staging.complaints WHERE counted) AS a
CROSS JOIN (SELECT count(*) AS in_cases FROM staging.cases WHERE counted) AS b
WHERE a.complaints <> b.in_cases
