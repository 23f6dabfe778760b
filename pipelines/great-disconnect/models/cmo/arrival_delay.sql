-- From the day a text was written to the day it is seen here, by kind and platform. An export does not tell when it
-- was taken, so what can be said is how old the newest text is on the day that is asked about, against the
-- gaps that this source usually has: `overdue` when it has been silent for longer than 19 of 20 of its gaps.
WITH gaps AS (
  SELECT kind, coalesce(platform, 'customer service') AS place, created_on,
         CAST(created_on AS INT) - CAST(lag(created_on) OVER (PARTITION BY kind, platform ORDER BY created_on, interaction_id) AS INT) AS gap
  FROM staging.interactions
),
sources AS (
  SELECT kind, place, count(*) AS texts, min(created_on) AS first_on, max(created_on) AS last_on, median(CAST(gap AS DOUBLE)) AS usual_gap_days,
         round(percentile_cont(0.95) WITHIN GROUP (ORDER BY CAST(gap AS DOUBLE)), 1) AS long_gap_days,
         median(CAST(CAST($as_of AS INT) - CAST(created_on AS INT) AS DOUBLE)) AS median_age_days,
         count(*) FILTER (WHERE CAST($as_of AS INT) - CAST(created_on AS INT) < 7) AS last_week
  FROM gaps
  GROUP BY kind, place
)
SELECT kind, place, texts, last_week, first_on, last_on, CAST($as_of AS INT) - CAST(last_on AS INT) AS newest_days, median_age_days,
       usual_gap_days, long_gap_days, CAST($as_of AS INT) - CAST(last_on AS INT) > coalesce(long_gap_days, 0) AND texts > 20 AS overdue
FROM sources
