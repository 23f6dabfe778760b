-- Units that no message reaches: the buyer is not known or may not be addressed. They need a public
-- notice.
WITH
unreachable_pairs AS (
  SELECT
    a.*,
    CASE
      WHEN a.customer_id IS NULL THEN 'buyer not known'
      ELSE 'buyer may not be addressed'
    END AS why
  FROM outreach.affected AS a
  LEFT JOIN crm.customers AS c ON c.customer_id = a.customer_id
  WHERE c.customer_id IS NULL OR NOT c.addressable
)
SELECT
  incident,
  country,
  region,
  channel,
  product,
  certainty,
  why,
  count(*) AS order_lines,
  sum(units) AS units,
  min(ordered_on) AS sold_from,
  max(ordered_on) AS sold_to
FROM unreachable_pairs
GROUP BY incident, country, region, channel, product, certainty, why
