-- Where complaints rise beyond what the weeks before make expected: every topic, everywhere and by region, over the
-- last 26 whole weeks. EARS C2 (Hutwagner and others 2003) holds a week against seven weeks that end two weeks
-- before it; q_value is the false discovery rate over all series of the week. Its p takes counts for normal, which two
-- complaints after a silence are not: a surge needs enough complaints as well. A surge is a question, not a cause:
-- ceo.suspects answers it.
WITH weekly AS (
  SELECT topic, region, week, sum(complaints) AS complaints
  FROM cmo.topics_weekly
  WHERE week + INTERVAL '6 days' <= $as_of
  GROUP BY topic, region, week
),
series AS (
  SELECT topic || ' everywhere' AS series, week, sum(complaints) AS complaints FROM weekly GROUP BY topic, week
  UNION ALL
  SELECT topic || ' in ' || region, week, complaints FROM weekly WHERE region <> 'not known'
)
SELECT series, CAST(period AS DATE) AS week, observed AS complaints, expected, upper AS usual_at_most, alarm,
       alarm AND q_value < 0.05 AND observed >= $min_complaints AS surge, p_value, q_value, series_tested, abstained
FROM surge((SELECT series, week AS period, complaints AS count FROM series),
           method => 'ears_c2', missing => 'zero', every => 'week', last => 26)
