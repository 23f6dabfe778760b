-- The part that leads, by version, in the five weeks before: a part number can hide that only one version is new.
SELECT r.part, r.version, count(*) AS reports
FROM staging.reports AS r
JOIN ceo.parts AS p ON p.unit = r.part AND p.rank = 1
WHERE r.received_on > CAST($as_of AS DATE) - INTERVAL '35 days'
GROUP BY r.part, r.version
