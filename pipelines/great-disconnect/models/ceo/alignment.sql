-- How well promise and fact agree, as one figure a product and region (and for all): 100 where
-- every measured promise is kept within its tolerance, less as facts part from it.
--
--   alignment = 100 * (1 - sum(judged * max(0, broken share - tolerance)) / sum(judged))
--
-- over the promises of ceo.promise_facts that could be measured, each weighing as much as what was
-- judged. The interval takes the ends of the intervals of the shares, so that few orders say
-- little. What has no measure counts for nothing and is counted beside it; so is whether staff know
-- the promises and would give them, and whether people walk away from what is promised.
-- @column product_id: The product, or all.
-- @column region: The region, or all.
-- @column promises: Promises that could be measured.
-- @column contradicted: How many of them are contradicted.
-- @column unmeasured: Promises without a measure, for all regions together.
-- @column judged: Order lines or pairs that were judged.
-- @column alignment: The figure; blank where nothing could be measured.
-- @column alignment_low: The figure were every share at the upper end of its interval.
-- @column alignment_high: The figure were every share at the lower end.
-- @column staff_know: Of 100 members of staff, how many know the promises; for all regions.
-- @column staff_agree: How many of them would say them to a customer.
-- @column carts_left: Of 100 carts with the product, how many were left while it was promised.
WITH
facts AS (
  SELECT
    unnest(make_array('all', product_id)) AS product_id,
    region,
    finding,
    CASE WHEN region = 'all' THEN staff_surveyed END AS surveyed,
    CASE WHEN region = 'all' THEN staff_know END AS know,
    CASE WHEN region = 'all' THEN staff_agree END AS agree,
    CASE WHEN region = 'all' THEN carts END AS filled,
    CASE WHEN region = 'all' THEN carts_left END AS walked,
    judged,
    judged * greatest(0, broken_share - tolerance) AS apart,
    judged * greatest(0, broken_high - tolerance) AS apart_most,
    judged * greatest(0, broken_low - tolerance) AS apart_least
  FROM ceo.promise_facts
)
SELECT
  product_id,
  region,
  count(judged) AS promises,
  count(*) FILTER (WHERE finding = 'contradicted') AS contradicted,
  count(*) FILTER (WHERE finding = 'no measure is given') AS unmeasured,
  sum(judged) AS judged,
  round(100 * (1 - sum(apart) / nullif(sum(judged), 0)), 1) AS alignment,
  round(100 * (1 - sum(apart_most) / nullif(sum(judged), 0)), 1) AS alignment_low,
  round(100 * (1 - sum(apart_least) / nullif(sum(judged), 0)), 1) AS alignment_high,
  round(100.0 * sum(know) / nullif(sum(surveyed), 0), 1) AS staff_know,
  round(100.0 * sum(agree) / nullif(sum(surveyed), 0), 1) AS staff_agree,
  round(100.0 * sum(walked) / nullif(sum(filled), 0), 1) AS carts_left
FROM facts
GROUP BY product_id, region
