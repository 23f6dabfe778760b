-- Complaints, one row a text and topic, with the order line and lot they are about where that is known.
-- Only people complain: what an assistant repeats, or a sensor measures, is no complaint of anybody.
-- `counted` is false, and `because` says why, for a second letter by the same person about the same product
-- and topic, and for a review of four or five stars: who is that content speaks of another pair, or of none.
WITH told AS (
  SELECT t.topic, t.severity, t.part, t.defect, t.snippet,
         i.interaction_id, i.kind, i.platforms, i.rating, i.customer_id, i.person, i.created_on, i.country, i.file, i.line,
         l.link, l.order_id, l.order_line, l.product_id, l.finished_lot, l.named_lot, l.carrier, l.shipped_on,
         coalesce(l.shipped_region, i.region) AS region
  FROM staging.topics AS t
  JOIN staging.interactions AS i ON i.interaction_id = t.interaction_id
  JOIN staging.links AS l ON l.interaction_id = t.interaction_id
  WHERE i.by_people
),
earlier AS (
  SELECT *, lag(created_on) OVER (PARTITION BY person, product_id, topic ORDER BY created_on, interaction_id) AS told_on
  FROM told
),
judged AS (
  SELECT *, coalesce(CAST(created_on AS INT) - CAST(told_on AS INT) <= $repeat_days, false) AS again
  FROM earlier
)
SELECT interaction_id, topic, severity, part, defect, snippet, kind, platforms, customer_id, person, created_on, country, region,
       link, order_id, order_line, product_id, finished_lot, named_lot, carrier, shipped_on, again,
       coalesce(rating, 0) < 4 AND NOT again AS counted,
       CASE WHEN rating >= 4 THEN 'a content review' WHEN again THEN 'a second letter' END AS because, file, line
FROM judged
