-- Where complaints rise beyond what the weeks before make expected: every topic by region, the last twelve whole weeks.
-- EARS C2 (Hutwagner and others 2003) compares a week with seven weeks that end two weeks before it; q_value is the
-- false discovery rate over all series of the week. A surge is a question, not a cause: ceo.suspects answers it.
WITH weekly AS (
  SELECT topic || ' in ' || region AS series, week, sum(complaints) AS complaints
  FROM cmo.topics_weekly
  WHERE week + INTERVAL '6 days' <= $as_of AND region <> 'not known'
  GROUP BY topic || ' in ' || region, week
)
SELECT series, CAST(period AS DATE) AS week, observed AS complaints, expected, upper AS usual_at_most, alarm,
       alarm AND q_value < 0.05 AS surge, p_value, q_value, series_tested, abstained
FROM surge((SELECT series, week AS period, complaints AS count FROM weekly),
           method => 'ears_c2', missing => 'zero', every => 'week', last => 12)
