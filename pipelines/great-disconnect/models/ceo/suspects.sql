-- Who or what the complaints point to. What is open stands first, safety before the rest and strong
-- evidence before weak; then what only looked guilty (see ceo.cleared), then what chance would bring.
SELECT row_number() OVER (
         ORDER BY CASE verdict WHEN 'explained by another' THEN 2 WHEN 'no evidence' THEN 3 ELSE 1 END,
                  CASE severity WHEN 'safety' THEN 1 WHEN 'defect' THEN 2 ELSE 3 END,
                  CASE verdict WHEN 'leading suspect' THEN 1 ELSE 2 END,
                  part_of IS NOT NULL, llr DESC, topic, factor, suspect) AS rank,
       suspect_kind, suspect, topic, severity, complaints, shipped, rate, rate_ratio, rate_ratio_low, rate_ratio_high,
       p_value, q_value, verdict, explained_by, part_of, reason
FROM coo.attribution
WHERE verdict <> 'no evidence' OR complaints >= 3
