-- Who or what the complaints point to: lots, suppliers, supplier periods, changes of material, plants, products,
-- regions and carriers together. What is open stands first, safety before the rest and strong evidence before
-- weak; then what only looked guilty (see ceo.cleared), then what chance would bring. A change is compared with
-- the same material before it (coo.changes), everything else with all other units. `confirmed cause` is said by
-- no rate: a named person writes it, with a note, into seeds/confirmations.csv.
WITH judged AS (
  SELECT suspect_kind, factor, suspect, topic, severity, complaints, shipped, rate, rate_ratio, rate_ratio_low, rate_ratio_high,
         p_value, q_value, llr, verdict, explained_by, part_of, reason
  FROM coo.attribution
  UNION ALL
  SELECT 'material_change', 'material_change', change_id, topic, severity, complaints, shipped, rate, rate_ratio, rate_ratio_low,
         rate_ratio_high, p_value, q_value, llr, verdict, explained_by, factor || ' ' || supplier_period, reason
  FROM coo.changes
),
told AS (
  SELECT j.*, c.confirmed_by, c.confirmed_on, c.note AS confirmed_because,
         CASE WHEN c.confirmed_by IS NOT NULL THEN 'confirmed cause' ELSE j.verdict END AS said
  FROM judged AS j
  LEFT JOIN seeds.confirmations AS c
    ON c.topic = j.topic AND c.suspect_kind = j.suspect_kind AND c.suspect = j.suspect AND c.confirmed_on <= $as_of
)
SELECT row_number() OVER (
         ORDER BY CASE said WHEN 'explained by another' THEN 2 WHEN 'no evidence' THEN 3 ELSE 1 END,
                  CASE severity WHEN 'safety' THEN 1 WHEN 'defect' THEN 2 ELSE 3 END,
                  CASE WHEN said IN ('confirmed cause', 'leading suspect') THEN 1 ELSE 2 END,
                  part_of IS NOT NULL, llr DESC, topic, factor, suspect) AS rank,
       suspect_kind, suspect, topic, severity, complaints, shipped, rate, rate_ratio, rate_ratio_low, rate_ratio_high,
       p_value, q_value, said AS verdict, explained_by, part_of, reason, confirmed_by, confirmed_on, confirmed_because
FROM told
WHERE said <> 'no evidence' OR complaints >= 3
