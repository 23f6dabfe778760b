-- Units that no message reaches: the buyer is not known or may not be addressed. They need a public
-- notice.
-- @column incident: The incident: topic and leading suspect.
-- @column country: The country of the buyer, by its ISO code.
-- @column region: The region of the buyer.
-- @column channel: The channel of the sale, such as online or store.
-- @column product: The name of the product.
-- @column certainty: certain: a pair of a suspect lot; possible: perhaps, from a mixed bin.
-- @column why: Why no message reaches these buyers.
-- @column order_lines: Order lines without a reachable buyer.
-- @column units: Pairs on these lines.
-- @column sold_from: The first day on which such a pair was ordered.
-- @column sold_to: The last day on which such a pair was ordered.
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
