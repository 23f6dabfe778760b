-- A score outside of 0 to 100, or outside of its own interval, is no score.
SELECT day, kind, unit, score, score_low, score_high
FROM cmo.trust_score
WHERE
  score IS NULL
  OR score_low IS NULL
  OR score_high IS NULL
  OR isnan(score)
  OR score < 0
  OR score > 100
  OR score_low < 0
  OR score_high > 100
  OR score_low > score
  OR score > score_high
  OR open_safety + open_defect + open_service + remedied > lines
