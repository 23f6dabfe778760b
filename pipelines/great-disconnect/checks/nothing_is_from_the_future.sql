-- What is known only after `$as_of` must not be seen.
SELECT 'timeline' AS place, reference AS id, happened_on AS day
FROM staging.timeline
WHERE happened_on > $as_of
UNION ALL
SELECT 'case', case_id, greatest(last_on, remedied_on)
FROM staging.cases
WHERE greatest(last_on, remedied_on) > $as_of
UNION ALL
SELECT 'remedy', record_id, delivered_on
FROM staging.after_sales
WHERE delivered_on > $as_of OR delivered_on < happened_on
UNION ALL
SELECT 'replay', incident, day
FROM coo.replay
WHERE day > $as_of
UNION ALL
SELECT 'trust', unit, day
FROM cmo.trust_score
WHERE day > $as_of
