-- Every recorded change of a supplier's material, held against the same supplier's same material
-- before it: complaints per unit before the change, under it (until the next one) and after.
-- `rate_ratio` is the rate under it over the rate before; `q_value` allows for all changes and
-- topics that were compared (Benjamini and Hochberg 1995). A change is a suspect only where a
-- suspected window begins with it (coo.windows): it is never stronger than that window, and weaker
-- where its own before and after is not clear. An excess under it that another suspect has the
-- complaints of is explained by that one.
-- @column change_id: The change; several of one day are joined by +.
-- @column change_kind: What kind of change it was, such as material, machine or man.
-- @column change_note: What was noted about the change.
-- @column supplier_id: The supplier.
-- @column material_id: The material.
-- @column changed_on: When the change took effect.
-- @column changed_again_on: When the next change took effect.
-- @column supplier_period: The supplier and material from this change to the next.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column before_complaints: Complaints about pairs of the period before.
-- @column before_shipped: Pairs of the period before.
-- @column complaints: Complaints about pairs made under the change.
-- @column shipped: Pairs made under the change and shipped.
-- @column after_complaints: Complaints about pairs of the period after.
-- @column after_shipped: Pairs of the period after.
-- @column rate: Complaints per pair under the change.
-- @column rate_ratio: Rate under the change over the rate before it.
-- @column rate_ratio_low: Lower end of the 95 % interval of the ratio.
-- @column rate_ratio_high: Upper end of the 95 % interval of the ratio; blank where it has none.
-- @column p_value: Exact one-sided p of the comparison.
-- @column q_value: False discovery rate over all changes and topics.
-- @column pairs_tested: How many pairs were compared at once.
-- @column llr: Log likelihood ratio of the window that begins with it, in coo.attribution.
-- @column verdict: leading suspect, suspect, needs a person, explained by another, or no evidence.
-- @column explained_by: The suspect whose complaints these are.
-- @column part_of: The window that begins with it.
-- @column reason: The comparison in one sentence.
WITH
periods AS (
  SELECT
    supplier_id,
    material_id,
    supplier_period,
    changed_on,
    max(change_id) AS change_id,
    max(change_kind) AS change_kind,
    max(change_note) AS change_note
  FROM staging.receipts
  GROUP BY supplier_id, material_id, supplier_period, changed_on
),
lot_sums AS (
  SELECT finished_lot, topic, sum(shipped) AS shipped, sum(complaints) AS complaints
  FROM staging.cells
  WHERE about = 'product'
  GROUP BY finished_lot, topic
),
lot_periods AS (
  SELECT DISTINCT finished_lot, supplier_period
  FROM staging.lot_origin
  WHERE main
),
-- Units have no topic and count for all of them.
period_sums AS (
  SELECT
    p.supplier_period,
    s.topic,
    sum(s.shipped) AS shipped,
    sum(s.complaints) AS complaints
  FROM lot_sums AS s
  JOIN lot_periods AS p ON p.finished_lot = s.finished_lot
  GROUP BY p.supplier_period, s.topic
),
topics AS (
  SELECT DISTINCT topic, severity
  FROM staging.complaints
  WHERE family IN ('safety', 'product')
),
period_topics AS (
  SELECT
    p.*,
    t.topic,
    t.severity,
    coalesce(sum(s.shipped), 0) AS shipped,
    coalesce(sum(s.complaints) FILTER (WHERE s.topic = t.topic), 0) AS complaints
  FROM periods AS p
  CROSS JOIN topics AS t
  LEFT JOIN period_sums AS s ON s.supplier_period = p.supplier_period
  GROUP BY ALL
),
neighbouring_periods AS (
  SELECT
    *,
    lag(shipped) OVER w AS before_shipped,
    lag(complaints) OVER w AS before_complaints,
    coalesce(lead(shipped) OVER w, 0) AS after_shipped,
    coalesce(lead(complaints) OVER w, 0) AS after_complaints,
    lead(changed_on) OVER w AS changed_again_on
  FROM period_topics
  WINDOW
    w AS (PARTITION BY supplier_id, material_id, topic ORDER BY changed_on NULLS FIRST)
),
comparisons AS (
  SELECT
    p.*,
    rate_ratio(
      CASE WHEN i.under THEN p.complaints ELSE p.before_complaints END,
      CASE WHEN i.under THEN p.shipped ELSE p.before_shipped END,
      i.under
    ) AS r
  FROM neighbouring_periods AS p
  CROSS JOIN (VALUES (true), (false)) AS i(under)
  WHERE p.change_id IS NOT NULL AND p.shipped > 0 AND p.before_shipped > 0
  GROUP BY ALL
),
tested_changes AS (
  SELECT *
  FROM
    false_discovery(
      (
        SELECT
          * EXCLUDE (r),
          r['ratio'] AS rate_ratio,
          r['low'] AS rate_ratio_low,
          r['high'] AS rate_ratio_high,
          r['p'] AS p_value,
          coalesce(r['p'], 1.0) AS p,
          count(*) OVER () AS pairs_tested
        FROM comparisons
      ),
      p => 'p'
    )
),
-- Complaints under a change that a leading suspect has.
leading_complaints AS (
  SELECT DISTINCT
    o.supplier_period,
    e.topic,
    a.factor || ' ' || a.suspect AS leader,
    a.llr,
    e.interaction_id
  FROM coo.leading_complaints AS e
  JOIN
    coo.attribution AS a ON a.topic = e.topic
    AND a.factor = e.factor
    AND a.suspect = e.suspect
  JOIN staging.lot_origin AS o ON o.finished_lot = e.finished_lot AND o.main
),
leaders AS (
  SELECT
    supplier_period,
    topic,
    leader,
    count(*) AS shared,
    row_number() OVER (
      PARTITION BY supplier_period, topic
      ORDER BY count(*) DESC, max(llr) DESC, leader
    ) AS nth
  FROM leading_complaints
  GROUP BY supplier_period, topic, leader
),
judged_changes AS (
  SELECT
    c.*,
    w.llr,
    w.factor || ' ' || w.suspect AS part_of,
    CASE
      WHEN w.verdict = 'leading suspect'
      AND c.q_value < 0.05
      AND c.rate_ratio_low > $min_ratio
      AND c.complaints >= $min_complaints THEN 'leading suspect'
      WHEN w.verdict IS NOT NULL THEN 'suspect, needs a person'
      WHEN c.q_value < 0.10
      AND l.shared * 2 >= c.complaints THEN 'explained by another'
      ELSE 'no evidence'
    END AS verdict,
    CASE
      WHEN w.verdict IS NULL
      AND c.q_value < 0.10
      AND l.shared * 2 >= c.complaints THEN l.leader
    END AS explained_by,
    concat(round(c.rate_ratio_low, 1), ' to ', round(c.rate_ratio_high, 1)) AS interval_words
  FROM tested_changes AS c
  LEFT JOIN
    coo.windows AS w ON w.suspect_kind = 'supplier_period'
    AND w.series = concat(c.supplier_id, ' ', c.material_id)
    AND w.changed_on = c.changed_on
    AND w.topic = c.topic
  LEFT JOIN
    leaders AS l ON l.supplier_period = c.supplier_period
    AND l.topic = c.topic
    AND l.nth = 1
)
SELECT
  change_id,
  change_kind,
  change_note,
  supplier_id,
  material_id,
  changed_on,
  changed_again_on,
  supplier_period,
  topic,
  severity,
  before_complaints,
  before_shipped,
  complaints,
  shipped,
  after_complaints,
  after_shipped,
  CAST(complaints AS DOUBLE) / nullif(shipped, 0) AS rate,
  rate_ratio,
  rate_ratio_low,
  rate_ratio_high,
  p_value,
  q_value,
  pairs_tested,
  llr,
  verdict,
  explained_by,
  part_of,
  concat(
    'Complaints per unit under the change ',
    change_id,
    ' (',
    change_kind,
    ', ',
    changed_on,
    ') ',
    CASE
      WHEN rate_ratio IS NOT NULL
      AND (rate_ratio_low > 1 OR rate_ratio_high < 1) THEN concat(
        'are ',
        round(rate_ratio, 1),
        ' times those before it (95 % interval ',
        interval_words,
        ')'
      )
      WHEN rate_ratio_low > 1 THEN concat(
        'are at least ',
        round(rate_ratio_low, 1),
        ' times those before it (95 % interval)'
      )
      WHEN rate_ratio_high IS NOT NULL THEN concat(
        'do not clearly differ from those before it (95 % interval ',
        interval_words,
        ' times)'
      )
      ELSE 'cannot be distinguished from those before it'
    END,
    ': ',
    complaints,
    ' complaints in ',
    CAST(shipped AS BIGINT),
    ' units, before ',
    before_complaints,
    ' in ',
    CAST(before_shipped AS BIGINT),
    CASE
      WHEN changed_again_on IS NOT NULL THEN concat(
        ', after the next change on ',
        changed_again_on,
        ' ',
        after_complaints,
        ' in ',
        CAST(after_shipped AS BIGINT)
      )
    END,
    '.',
    CASE
      WHEN verdict = 'explained by another' THEN concat(
        ' But they come from units of ' || explained_by,
        '; that these lots fall under the change explains it.'
      )
      WHEN verdict = 'leading suspect' THEN concat(
        ' Whatever else began in those days has the very same units: ',
        'whether the change itself is to blame, a person must find out.'
      )
    END
  ) AS reason
FROM judged_changes
