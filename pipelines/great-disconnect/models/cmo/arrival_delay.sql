-- From the day a text was written to the day it is seen here, by kind and platform. An export does
-- not say when it was made, so this is how old the newest text is on `$as_of`, against the gaps
-- that this source usually has: `overdue` when it has been silent for longer than 19 of 20 of its
-- gaps.
-- @column kind: The kind of text.
-- @column place: The platform, store, sensor or engine; customer service for tickets.
-- @column texts: Texts so far.
-- @column last_week: Texts of the last seven days.
-- @column first_on: The day of the first text.
-- @column last_on: The day of the newest text.
-- @column newest_days: Age of the newest text, in days.
-- @column median_age_days: Median age of all texts, in days.
-- @column usual_gap_days: Median gap between two texts, in days.
-- @column long_gap_days: Gap that 19 of 20 do not exceed, in days.
-- @column overdue: Whether the source has been silent for longer than that.
WITH
dated_texts AS (
  SELECT
    kind,
    coalesce(platform, 'customer service') AS place,
    created_on,
    days_between(created_on, $as_of) AS age,
    days_between(lag(created_on) OVER by_source, created_on) AS gap
  FROM staging.interactions
  WINDOW by_source AS (PARTITION BY kind, platform ORDER BY created_on, interaction_id)
),
sources AS (
  SELECT
    kind,
    place,
    count(*) AS texts,
    min(created_on) AS first_on,
    max(created_on) AS last_on,
    min(age) AS newest_days,
    median(CAST(gap AS DOUBLE)) AS usual_gap_days,
    round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(gap AS DOUBLE)), 1) AS long_gap_days,
    median(CAST(age AS DOUBLE)) AS median_age_days,
    count(*) FILTER (WHERE age < 7) AS last_week
  FROM dated_texts
  GROUP BY kind, place
)
SELECT
  kind,
  place,
  texts,
  last_week,
  first_on,
  last_on,
  newest_days,
  median_age_days,
  usual_gap_days,
  long_gap_days,
  newest_days > coalesce(long_gap_days, 0)
  AND texts > 20 AS overdue
FROM sources
