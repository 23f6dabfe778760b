-- Whether the network says one thing: offers of one kind that live today with different terms, by who made them,
-- and what partners put into open fields beside how many picked the journey.
SELECT 'offer' AS what, kind AS name, count(DISTINCT terms) AS versions,
       array_to_string(array_sort(array_agg(DISTINCT terms)), ' | ') AS said, count(DISTINCT coalesce(partner, 'Morihane')) AS partners
FROM crm.offers
WHERE (valid_from IS NULL OR valid_from <= $as_of) AND (valid_to IS NULL OR valid_to >= $as_of)
GROUP BY kind
UNION ALL
SELECT 'open field', template_id || ' ' || field, count(DISTINCT value), array_to_string(array_sort(array_agg(DISTINCT value)), ' | '), count(DISTINCT partner)
FROM seeds.open_fields
GROUP BY template_id || ' ' || field
