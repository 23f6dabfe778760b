-- Where complaints rise beyond what the weeks before make expected: every topic, everywhere and by
-- region, over the last 26 whole weeks. EARS C2 (Hutwagner and others 2003) compares a week with
-- seven weeks that end two weeks before it. p is the tail of the counts themselves: Poisson, or
-- negative binomial where the weeks before spread more; q_value is the false discovery rate over
-- all series of the week. A surge needs an alarm, enough complaints and q below 0.05. It is a
-- question; `suspect` is the answer of coo.attribution, where most of the complaints of the week
-- are of lots, or parcels, that lead. A long surge lifts its own limit: `swallowed` counts alarms
-- among the weeks that a week is compared with.
-- @column series: The topic, everywhere or in a region.
-- @column topic: The topic.
-- @column region: The region; blank for everywhere.
-- @column week: The Monday of the week.
-- @column complaints: Complaints of the week.
-- @column expected: Complaints that the weeks before make expected.
-- @column usual_at_most: Complaints up to which nothing is unusual.
-- @column alarm: Whether the week has more than that.
-- @column surge: Whether the alarm holds among all series, with enough complaints.
-- @column p_value: How often chance would bring as many.
-- @column q_value: False discovery rate over all series of the week.
-- @column series_tested: How many series were looked at in the week.
-- @column swallowed: Alarms among the seven weeks that the week is compared with.
-- @column suspect: The leading suspect that most of these complaints belong to.
-- @column suspect_complaints: How many of them do.
-- @column words: The surge in a sentence; blank where there is none.
-- @column abstained: Why the week cannot be judged; blank where it can.
WITH
complaint_weeks AS (
  SELECT
    interaction_id,
    topic,
    region,
    CAST(date_trunc('week', created_on) AS DATE) AS week
  FROM staging.complaints
  WHERE counted
),
whole_weeks AS (
  SELECT
    interaction_id,
    topic,
    CAST(NULL AS VARCHAR) AS region,
    topic || ' everywhere' AS series,
    week
  FROM complaint_weeks
  WHERE week + INTERVAL '6 days' <= $as_of
  UNION ALL
  SELECT interaction_id, topic, region, topic || ' in ' || region, week
  FROM complaint_weeks
  WHERE week + INTERVAL '6 days' <= $as_of AND region IS NOT NULL
),
series_names AS (
  SELECT series, max(topic) AS topic, max(region) AS region
  FROM whole_weeks
  GROUP BY series
),
suspect_weeks AS (
  SELECT
    w.series,
    w.week,
    l.suspect,
    count(DISTINCT w.interaction_id) AS suspect_complaints
  FROM whole_weeks AS w
  JOIN
    coo.leading_complaints AS l ON l.interaction_id = w.interaction_id
    AND l.topic = w.topic
  WHERE l.part_of IS NULL
  GROUP BY w.series, w.week, l.suspect
),
suspects AS (
  SELECT
    series,
    week,
    suspect,
    suspect_complaints,
    row_number() OVER (
      PARTITION BY series, week
      ORDER BY suspect_complaints DESC, suspect
    ) AS nth
  FROM suspect_weeks
),
judged AS (
  SELECT
    series,
    CAST(period AS DATE) AS week,
    observed AS complaints,
    expected,
    upper AS usual_at_most,
    alarm,
    alarm
    AND q_value < 0.05
    AND observed >= $min_complaints AS surge,
    p_value,
    q_value,
    series_tested,
    coalesce(
      sum(CASE WHEN alarm THEN 1 ELSE 0 END) OVER (
        PARTITION BY series
        ORDER BY period ROWS BETWEEN 9 PRECEDING AND 3 PRECEDING
      ),
      0
    ) AS swallowed,
    abstained
  FROM
    surge(
      (
        SELECT series, week AS period, count(*) AS count
        FROM whole_weeks
        GROUP BY series, week
      ),
      method => 'ears_c2',
      missing => 'zero',
      every => 'week',
      last => 26
    )
)
SELECT
  j.series,
  n.topic,
  n.region,
  j.week,
  j.complaints,
  j.expected,
  j.usual_at_most,
  j.alarm,
  j.surge,
  j.p_value,
  j.q_value,
  j.series_tested,
  j.swallowed,
  CASE WHEN s.suspect_complaints * 2 > j.complaints THEN s.suspect END AS suspect,
  s.suspect_complaints,
  CASE
    WHEN j.surge THEN concat(
      CAST(j.complaints AS BIGINT),
      ' complaints about ',
      j.series,
      ' in the week from ',
      j.week,
      ', ',
      round(j.expected, 1),
      ' expected',
      CASE
        WHEN s.suspect_complaints * 2 > j.complaints THEN concat(
          '; ',
          s.suspect_complaints,
          ' of them are of ',
          s.suspect
        )
        ELSE '; no leading suspect has most of them'
      END,
      CASE
        WHEN j.swallowed > 0 THEN concat(
          '; ',
          j.swallowed,
          ' of the weeks compared with are alarms themselves, so the rise is larger than it looks'
        )
      END,
      '.'
    )
  END AS words,
  j.abstained
FROM judged AS j
JOIN series_names AS n ON n.series = j.series
LEFT JOIN suspects AS s ON s.series = j.series AND s.week = j.week AND s.nth = 1
