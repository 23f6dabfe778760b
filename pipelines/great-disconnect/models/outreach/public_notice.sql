-- Units that no message reaches: the buyer is not known, may not be addressed, or has no usable
-- address. They need a public notice.
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
SELECT
  incident,
  country,
  region,
  sold_by AS channel,
  product,
  certainty,
  why,
  count(*) AS order_lines,
  sum(units) AS units,
  min(ordered_on) AS sold_from,
  max(ordered_on) AS sold_to
FROM outreach.endings
WHERE ends_in = 'public notice'
GROUP BY incident, country, region, sold_by, product, certainty, why
