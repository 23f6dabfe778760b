-- Where complaints rise beyond what the weeks before make expected: every topic, everywhere and by
-- region, over the last 26 whole weeks. EARS C2 (Hutwagner and others 2003) compares a week with
-- seven weeks that end two weeks before it; q_value is the false discovery rate over all series of
-- the week. Its p takes counts for normal, which two complaints after a silence are not: a surge
-- needs enough complaints as well. A surge is a question, not a cause: ceo.suspects answers it.
-- @column series: The topic, everywhere or in a region.
-- @column week: The Monday of the week.
-- @column complaints: Complaints of the week.
-- @column expected: Complaints that the weeks before make expected.
-- @column usual_at_most: Complaints up to which nothing is unusual.
-- @column alarm: Whether the week has more than that.
-- @column surge: Whether the alarm holds among all series, with enough complaints.
-- @column p_value: How often chance would bring as many.
-- @column q_value: False discovery rate over all series of the week.
-- @column series_tested: How many series were looked at in the week.
-- @column abstained: Why the week cannot be judged; blank where it can.
WITH
complaint_weeks AS (
  SELECT topic, region, CAST(date_trunc('week', created_on) AS DATE) AS week
  FROM staging.complaints
  WHERE counted
),
whole_weeks AS (
  SELECT topic || ' everywhere' AS series, week
  FROM complaint_weeks
  WHERE week + INTERVAL '6 days' <= $as_of
  UNION ALL
  SELECT topic || ' in ' || region, week
  FROM complaint_weeks
  WHERE week + INTERVAL '6 days' <= $as_of AND region IS NOT NULL
)
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
