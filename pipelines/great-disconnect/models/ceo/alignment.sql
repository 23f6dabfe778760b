-- How well promise and fact agree, as one figure a product and region (and for all): 100 where
-- every measured promise is kept within its tolerance, less as facts part from it.
--
--   alignment = 100 * (1 - sum(judged * max(0, broken share - tolerance)) / sum(judged))
--
-- over the promises of ceo.promise_facts that could be measured, each weighing as much as what was
-- judged. The interval takes the ends of the intervals of the shares, so that few orders say
-- little. What has no measure counts for nothing and is counted beside it.
-- @column product_id: The product, or all.
-- @column region: The region, or all.
-- @column promises: Promises that could be measured.
-- @column contradicted: How many of them are contradicted.
-- @column unmeasured: Promises without a measure, for all regions together.
-- @column judged: Order lines or pairs that were judged.
-- @column alignment: The figure; blank where nothing could be measured.
-- @column alignment_low: The figure were every share at the upper end of its interval.
-- @column alignment_high: The figure were every share at the lower end.
WITH
facts AS (
  SELECT
    unnest(make_array('all', product_id)) AS product_id,
    region,
    finding,
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
  round(100 * (1 - sum(apart_least) / nullif(sum(judged), 0)), 1) AS alignment_high
FROM facts
GROUP BY product_id, region
