-- A ratio is a finding only where its interval leaves out 1; a leading suspect has the whole of it
-- above 1, and a cause is confirmed by a named person.
SELECT
  topic,
  suspect_kind,
  suspect,
  verdict,
  complaints,
  rate_ratio_low,
  rate_ratio_high,
  q_value,
  reason
FROM ceo.suspects
WHERE
  (
    verdict = 'leading suspect'
    AND (
      coalesce(q_value, 1) >= 0.05
      OR coalesce(rate_ratio_low, 0) <= 1
      OR complaints < $min_complaints
    )
  )
  OR (
    coalesce(rate_ratio_low, 0) <= 1
    AND coalesce(rate_ratio_high, 2) >= 1
    AND (
      strpos(reason, ' times the rate (95') > 0
      OR strpos(reason, ' times those before it') > 0
    )
  )
  OR (
    verdict = 'confirmed cause'
    AND (
      coalesce(trim(confirmed_by), '') = ''
      OR coalesce(trim(confirmed_because), '') = ''
    )
  )
