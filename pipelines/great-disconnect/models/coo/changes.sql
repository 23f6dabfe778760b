-- Every recorded change of a supplier's material, held against the same supplier's same material before it:
-- complaints per unit before the change, under it (until the next one) and after. `rate_ratio` is the rate under
-- it over the rate before; `q_value` allows for all changes and topics that were asked (Benjamini and Hochberg
-- 1995). The units under a change are those of a supplier period, so its verdict is never stronger than the
-- verdict of that period in coo.attribution, and weaker where its own before and after is not clear.
WITH periods AS (
  SELECT supplier_id, material_id, supplier_period, changed_on, max(change_id) AS change_id, max(change_kind) AS change_kind, max(change_note) AS change_note
  FROM staging.receipts
  GROUP BY supplier_id, material_id, supplier_period, changed_on
),
-- Units have no topic and count for all of them.
parts AS (
  SELECT o.supplier_period, u.topic, sum(u.shipped) AS shipped, sum(u.complaints) AS complaints
  FROM (SELECT finished_lot, topic, sum(shipped) AS shipped, sum(complaints) AS complaints FROM staging.cells
        WHERE asked = 'goods' GROUP BY finished_lot, topic) AS u
  JOIN (SELECT DISTINCT finished_lot, supplier_period FROM staging.lot_origin WHERE main) AS o ON o.finished_lot = u.finished_lot
  GROUP BY o.supplier_period, u.topic
),
counted AS (
  SELECT p.*, k.topic, k.severity, coalesce(sum(u.shipped), 0) AS shipped, coalesce(sum(CASE WHEN u.topic = k.topic THEN u.complaints END), 0) AS complaints
  FROM periods AS p
  CROSS JOIN (SELECT DISTINCT topic, severity FROM staging.traced WHERE family IN ('safety', 'product')) AS k
  LEFT JOIN parts AS u ON u.supplier_period = p.supplier_period
  GROUP BY p.supplier_id, p.material_id, p.supplier_period, p.changed_on, p.change_id, p.change_kind, p.change_note, k.topic, k.severity
),
asked AS (
  SELECT *, lag(shipped) OVER w AS before_shipped, lag(complaints) OVER w AS before_complaints, coalesce(lead(shipped) OVER w, 0) AS after_shipped,
         coalesce(lead(complaints) OVER w, 0) AS after_complaints, lead(changed_on) OVER w AS changed_again_on
  FROM counted
  WINDOW w AS (PARTITION BY supplier_id, material_id, topic ORDER BY changed_on NULLS FIRST)
),
sides AS (
  SELECT a.*, v.under, CASE WHEN v.under THEN a.complaints ELSE a.before_complaints END AS side_complaints,
         CASE WHEN v.under THEN a.shipped ELSE a.before_shipped END AS side_shipped
  FROM asked AS a
  CROSS JOIN (VALUES (true), (false)) AS v(under)
  WHERE change_id IS NOT NULL AND shipped > 0 AND before_shipped > 0
),
compared AS (
  SELECT supplier_id, material_id, supplier_period, changed_on, change_id, change_kind, change_note, topic, severity, shipped, complaints,
         before_shipped, before_complaints, after_shipped, after_complaints, changed_again_on, rate_ratio(side_complaints, side_shipped, under) AS r
  FROM sides
  GROUP BY supplier_id, material_id, supplier_period, changed_on, change_id, change_kind, change_note, topic, severity, shipped, complaints,
           before_shipped, before_complaints, after_shipped, after_complaints, changed_again_on
),
placed AS (
  SELECT *, r['ratio'] AS rate_ratio, r['low'] AS rate_ratio_low, r['high'] AS rate_ratio_high, r['p'] AS p_value,
         coalesce(r['p'], 1) AS p, count(*) OVER () AS pairs_tested
  FROM compared
),
corrected AS (
  SELECT * FROM false_discovery((SELECT * FROM placed), p => 'p')
),
judged AS (
  SELECT c.*, p.factor, p.llr, p.explained_by,
         CASE WHEN p.verdict = 'leading suspect' AND c.q_value < 0.05 AND c.rate_ratio_low > $min_ratio AND c.complaints >= $min_complaints THEN 'leading suspect'
              WHEN p.verdict IN ('leading suspect', 'suspect, needs a person') THEN 'suspect, needs a person'
              ELSE coalesce(p.verdict, 'no evidence') END AS verdict
  FROM corrected AS c
  LEFT JOIN coo.attribution AS p ON p.suspect_kind = 'supplier_period' AND p.suspect = c.supplier_period AND p.topic = c.topic
)
SELECT change_id, change_kind, change_note, supplier_id, material_id, changed_on, changed_again_on, supplier_period, factor, topic, severity,
       before_complaints, before_shipped, complaints, shipped, after_complaints, after_shipped,
       CAST(complaints AS DOUBLE) / nullif(shipped, 0) AS rate, rate_ratio, rate_ratio_low, rate_ratio_high, p_value, q_value, pairs_tested, llr,
       verdict, explained_by,
       'Complaints per unit under the change ' || change_id || ' (' || change_kind || ', ' || changed_on || ') ' ||
         CASE WHEN rate_ratio_low > 1 OR rate_ratio_high < 1
              THEN 'are ' || coalesce(round(rate_ratio, 1) || ' times those before it (95 % interval ' || round(rate_ratio_low, 1) || ' to ' || round(rate_ratio_high, 1) || ')',
                                      'at least ' || round(rate_ratio_low, 1) || ' times those before it (95 % interval)')
              WHEN rate_ratio_high IS NOT NULL THEN 'do not clearly differ from those before it (95 % interval ' || round(rate_ratio_low, 1) || ' to ' || round(rate_ratio_high, 1) || ' times)'
              ELSE 'cannot be told from those before it' END ||
         ': ' || complaints || ' complaints in ' || CAST(shipped AS BIGINT) || ' units, before ' || before_complaints || ' in ' || CAST(before_shipped AS BIGINT) ||
         CASE WHEN changed_again_on IS NULL THEN '' ELSE ', after the next change on ' || changed_again_on || ' ' || after_complaints || ' in ' || CAST(after_shipped AS BIGINT) END ||
         '.' ||
         CASE verdict WHEN 'explained by another' THEN coalesce(' But they come from units of ' || explained_by || '; without these no clear excess is left.', '')
                      WHEN 'leading suspect' THEN ' Whatever else began on that day has the very same units: whether the change itself is to blame, a person must find out.'
                      ELSE '' END AS reason
FROM judged
