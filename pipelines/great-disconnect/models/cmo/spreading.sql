-- How far public complaints reach and how fast they spread: one row a post that complains and
-- whose reach was measured (crm.post_reach), the fastest first. The speed is that of the fastest
-- stretch between two measurements, so that a post that has calmed down shows how fast it ran.
-- `escalate` is now for a danger that spreads, and watch for another complaint that does.
-- @column post_id: The post.
-- @column platform: Where it was written.
-- @column created_on: The day of the post.
-- @column region: The region of the author.
-- @column topics: What it complains about.
-- @column suspect: The leading suspect that its complaint belongs to, where it can be traced.
-- @column views: How many had seen it at the last measurement.
-- @column shares: How many had shared it by then.
-- @column views_an_hour: Views an hour in the fastest stretch.
-- @column shares_an_hour: Shares an hour in the fastest stretch.
-- @column escalate: now, watch, or blank.
-- @column said_in: File and line of the text.
WITH
stretches AS (
  SELECT
    post_id,
    views,
    shares,
    views - lag(views) OVER (PARTITION BY post_id ORDER BY measured_at) AS more_views,
    shares - lag(shares) OVER (PARTITION BY post_id ORDER BY measured_at) AS more_shares,
    date_diff(
      'minute',
      lag(measured_at) OVER (PARTITION BY post_id ORDER BY measured_at),
      measured_at
    ) / 60.0 AS hours
  FROM crm.post_reach
  WHERE CAST(measured_at AS DATE) <= $as_of
),
speeds AS (
  SELECT
    post_id,
    max(views) AS views,
    max(shares) AS shares,
    max(more_views / nullif(hours, 0)) AS views_an_hour,
    max(more_shares / nullif(hours, 0)) AS shares_an_hour
  FROM stretches
  GROUP BY post_id
),
topics AS (
  SELECT
    t.interaction_id,
    string_agg(DISTINCT t.topic, ', ' ORDER BY t.topic) AS topics,
    bool_or(r.severity = 'safety') AS danger
  FROM staging.topics AS t
  JOIN seeds.topic_rules AS r ON r.topic = t.topic
  GROUP BY t.interaction_id
),
suspects AS (
  SELECT interaction_id, min(suspect) AS suspect
  FROM coo.leading_complaints
  WHERE part_of IS NULL
  GROUP BY interaction_id
)
SELECT
  i.interaction_id AS post_id,
  i.platform,
  i.created_on,
  i.region,
  t.topics,
  l.suspect,
  s.views,
  s.shares,
  round(s.views_an_hour, 1) AS views_an_hour,
  round(s.shares_an_hour, 1) AS shares_an_hour,
  CASE
    WHEN s.shares_an_hour < $spreading_shares THEN NULL
    WHEN t.danger THEN 'now'
    WHEN s.shares_an_hour >= $spreading_shares THEN 'watch'
  END AS escalate,
  i.file || ':' || i.line AS said_in
FROM staging.interactions AS i
JOIN speeds AS s ON s.post_id = i.interaction_id
JOIN topics AS t ON t.interaction_id = i.interaction_id
LEFT JOIN suspects AS l ON l.interaction_id = i.interaction_id
WHERE i.kind = 'post'
ORDER BY shares_an_hour DESC, post_id
