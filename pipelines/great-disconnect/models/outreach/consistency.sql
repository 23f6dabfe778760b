-- Whether the network speaks with one voice: offers of one kind that are valid on `$as_of` with
-- different terms, by who made them; what partners put into open fields, beside how many picked the
-- journey; and the logo of each text, by its hash, beside the partners who send it. More than one
-- version of a logo, or one that no rule knows, is another logo.
-- @column what: offer, open field or logo.
-- @column name: The kind of offer, the template and field, or the template.
-- @column versions: How many versions of it are about.
-- @column said: These versions.
-- @column partners: How many partners use it.
WITH
template_logos AS (
  SELECT
    t.template_id,
    a.sha256,
    concat(
      coalesce(a.sha256, 'not measured'),
      CASE WHEN r.value IS NULL THEN ' (no logo of ours)' END
    ) AS logo,
    coalesce(k.partner, 'Morihane') AS partner
  FROM seeds.templates AS t
  LEFT JOIN seeds.assets AS a ON a.url = t.logo
  LEFT JOIN seeds.outreach_rules AS r ON r.rule = 'logo_sha256' AND r.value = a.sha256
  LEFT JOIN seeds.journeys AS j ON j.template_id = t.template_id
  LEFT JOIN seeds.partner_journeys AS k ON k.journey = j.journey
  WHERE coalesce(t.logo, '') <> ''
)
SELECT
  'offer' AS what,
  kind AS name,
  count(DISTINCT terms) AS versions,
  array_to_string(array_sort(array_agg(DISTINCT terms)), ' | ') AS said,
  count(DISTINCT coalesce(partner, 'Morihane')) AS partners
FROM crm.offers
WHERE
  (valid_from IS NULL OR valid_from <= $as_of)
  AND (valid_to IS NULL OR valid_to >= $as_of)
GROUP BY kind
UNION ALL
SELECT
  'open field',
  template_id || ' ' || field,
  count(DISTINCT value),
  array_to_string(array_sort(array_agg(DISTINCT value)), ' | '),
  count(DISTINCT partner)
FROM seeds.open_fields
GROUP BY template_id || ' ' || field
UNION ALL
SELECT
  'logo',
  template_id,
  count(DISTINCT sha256),
  array_to_string(array_sort(array_agg(DISTINCT logo)), ' | '),
  count(DISTINCT partner)
FROM template_logos
GROUP BY template_id
