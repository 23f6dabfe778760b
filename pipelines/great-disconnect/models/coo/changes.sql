-- Every recorded change of a supplier's material, held against the same supplier's same material before it:
-- complaints per unit before the change, under it (until the next one) and after. `rate_ratio` is the rate under
-- it over the rate before; `q_value` allows for all changes and topics that were asked (Benjamini and Hochberg
-- 1995). The units under a change are those of a supplier period, so its verdict is never stronger than the
-- verdict of that period in coo.attribution, and weaker where its own before and after is not clear.
WITH periods AS (
  SELECT supplier_id, material_id, supplier_period, changed_on, max(change_id) AS change_id, max(change_kind) AS change_kind,
         max(change_note) AS change_note,
         lag(supplier_period) OVER (PARTITION BY supplier_id, material_id ORDER BY changed_on NULLS FIRST) AS before,
         lead(supplier_period) OVER (PARTITION BY supplier_id, material_id ORDER BY changed_on NULLS FIRST) AS after,
         lead(changed_on) OVER (PARTITION BY supplier_id, material_id ORDER BY changed_on NULLS FIRST) AS changed_again_on
  FROM staging.receipts
  GROUP BY supplier_id, material_id, supplier_period, changed_on
),
parts AS (
  SELECT DISTINCT finished_lot, supplier_period FROM staging.lot_origin WHERE main
),
units AS (
  SELECT p.supplier_period, sum(o.shipped) AS shipped
  FROM staging.order_lines AS o JOIN parts AS p ON p.finished_lot = o.finished_lot
  GROUP BY p.supplier_period
),
told AS (
  SELECT p.supplier_period, t.topic, count(*) AS complaints
  FROM staging.traced AS t JOIN parts AS p ON p.finished_lot = t.finished_lot
  WHERE t.family IN ('safety', 'product')
  GROUP BY p.supplier_period, t.topic
),
asked AS (
  SELECT p.*, k.topic, k.severity, u.shipped, coalesce(t.complaints, 0) AS complaints, ub.shipped AS before_shipped,
         coalesce(tb.complaints, 0) AS before_complaints, coalesce(ua.shipped, 0) AS after_shipped, coalesce(ta.complaints, 0) AS after_complaints
  FROM periods AS p
  CROSS JOIN (SELECT DISTINCT topic, severity FROM staging.traced WHERE family IN ('safety', 'product')) AS k
  JOIN units AS u ON u.supplier_period = p.supplier_period
  JOIN units AS ub ON ub.supplier_period = p.before
  LEFT JOIN units AS ua ON ua.supplier_period = p.after
  LEFT JOIN told AS t ON t.supplier_period = p.supplier_period AND t.topic = k.topic
  LEFT JOIN told AS tb ON tb.supplier_period = p.before AND tb.topic = k.topic
  LEFT JOIN told AS ta ON ta.supplier_period = p.after AND ta.topic = k.topic
  WHERE p.change_id IS NOT NULL
),
sides AS (
  SELECT supplier_period, topic, true AS under, complaints, shipped FROM asked
  UNION ALL
  SELECT supplier_period, topic, false, before_complaints, before_shipped FROM asked
),
compared AS (
  SELECT supplier_period, topic, rate_ratio(complaints, shipped, under) AS r FROM sides GROUP BY supplier_period, topic
),
placed AS (
  SELECT supplier_period, topic, r['ratio'] AS rate_ratio, r['low'] AS rate_ratio_low, r['high'] AS rate_ratio_high, r['p'] AS p_value,
         count(*) OVER () AS pairs_tested, row_number() OVER (ORDER BY coalesce(r['p'], 1), supplier_period, topic) AS place
  FROM compared
),
corrected AS (
  SELECT *, least(1.0, min(coalesce(p_value, 1) * pairs_tested / place) OVER (ORDER BY place DESC ROWS UNBOUNDED PRECEDING)) AS q_value
  FROM placed
),
judged AS (
  SELECT a.*, c.rate_ratio, c.rate_ratio_low, c.rate_ratio_high, c.p_value, c.q_value, c.pairs_tested, p.factor, p.llr, p.explained_by,
         CASE WHEN p.verdict = 'leading suspect' AND c.q_value < 0.05 AND c.rate_ratio_low > 1 AND a.complaints >= $min_complaints THEN 'leading suspect'
              WHEN p.verdict IN ('leading suspect', 'suspect, needs a person') THEN 'suspect, needs a person'
              ELSE coalesce(p.verdict, 'no evidence') END AS verdict
  FROM asked AS a
  JOIN corrected AS c ON c.supplier_period = a.supplier_period AND c.topic = a.topic
  LEFT JOIN coo.attribution AS p ON p.suspect_kind = 'supplier_period' AND p.suspect = a.supplier_period AND p.topic = a.topic
)
SELECT change_id, change_kind, change_note, supplier_id, material_id, changed_on, changed_again_on, supplier_period, factor, topic, severity,
       before_complaints, before_shipped, complaints, shipped, after_complaints, after_shipped,
       CAST(complaints AS DOUBLE) / nullif(shipped, 0) AS rate, rate_ratio, rate_ratio_low, rate_ratio_high, p_value, q_value, pairs_tested, llr,
       verdict, explained_by,
       'The rate after the change ' || change_id || ' (' || change_kind || ', ' || changed_on || ') is ' ||
         coalesce(round(rate_ratio, 1) || ' times the rate before it', 'not to be compared with the rate before it') ||
         CASE WHEN rate_ratio_low IS NOT NULL AND rate_ratio_high IS NOT NULL
              THEN ' (95 % interval ' || round(rate_ratio_low, 1) || ' to ' || round(rate_ratio_high, 1) || ')' ELSE '' END ||
         ': ' || complaints || ' complaints in ' || CAST(shipped AS BIGINT) || ' units, before ' || before_complaints || ' in ' || CAST(before_shipped AS BIGINT) ||
         CASE WHEN changed_again_on IS NULL THEN '' ELSE ', after the next change on ' || changed_again_on || ' ' || after_complaints || ' in ' || CAST(after_shipped AS BIGINT) END ||
         '.' AS reason
FROM judged
