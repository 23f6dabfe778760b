-- How glad people sound, by product, region and week (from Monday), with the interval of the share that is
-- negative: a week with three texts says little, and shows it.
WITH scored AS (
  SELECT coalesce(i.product_id, 'not named') AS product, coalesce(i.region, 'not known') AS region,
         CAST(date_trunc('week', i.created_on) AS DATE) AS week, s.sentiment, s.sentiment <= -0.05 AS negative
  FROM staging.interactions AS i
  JOIN staging.sentiment AS s ON s.interaction_id = i.interaction_id
  WHERE i.by_people
),
weeks AS (
  SELECT product, region, week, count(*) AS texts, count(sentiment) AS understood,
         avg(sentiment) AS mean_sentiment, proportion(negative) AS negative
  FROM scored
  GROUP BY product, region, week
)
SELECT product, region, week, texts, understood, mean_sentiment, negative['share'] AS negative_share,
       negative['low'] AS negative_low, negative['high'] AS negative_high
FROM weeks
