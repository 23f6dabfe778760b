-- Who or what the complaints point to: lots, suppliers, supplier periods, changes of material,
-- plants, products, regions and carriers together. What is open comes first, safety before the rest
-- and strong evidence before weak; then what only looked guilty (`explained by another`: its
-- complaints are those of `explained_by`), then what chance would bring. A change is compared with
-- the same material before it (coo.changes), everything else with all other units. `confirmed
-- cause` comes from no rate: a named person writes it, with a note, into seeds/confirmations.csv.
-- @column rank: The order in which to read: what is open first, safety before the rest.
-- @column suspect_kind: What kind of thing is suspected, such as supplier_period or finished_lot.
-- @column suspect: The suspected lot, supplier, period, change, plant, product, region or carrier.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column complaints: Complaints of the suspect, traced to one lot and counted once.
-- @column unverified_texts: Texts that name a lot of it without a purchase; they never count.
-- @column copies: How many of its complaints say what an earlier one says, but for a few words;
--   blank for a window that is explained by another suspect, whose lots are not listed.
-- @column marks: What looks arranged among its complaints: few authors, new customers, like texts,
--   within a week. It changes no verdict: a person looks.
-- @column shipped: Pairs it is measured against.
-- @column rate: Complaints per pair shipped.
-- @column rate_ratio: Rate here over the rate elsewhere; blank where elsewhere has no complaint.
-- @column rate_ratio_low: Lower end of the 95 % interval of the ratio.
-- @column rate_ratio_high: Upper end of the 95 % interval of the ratio; blank where it has none.
-- @column p_value: Exact one-sided p of the comparison.
-- @column q_value: False discovery rate over all pairs that were compared.
-- @column verdict: As in coo.attribution, or confirmed cause where a person has confirmed it.
-- @column explained_by: The suspect whose complaints these are.
-- @column part_of: The leading suspect that this one is a part of.
-- @column reason: The comparison in one sentence.
-- @column confirmed_by: The person who confirmed the cause.
-- @column confirmed_on: The day on which the cause was confirmed.
-- @column confirmed_because: The note of the person who confirmed the cause.
WITH
verdicts AS (
  SELECT
    suspect_kind,
    factor,
    suspect,
    topic,
    severity,
    complaints,
    shipped,
    rate,
    rate_ratio,
    rate_ratio_low,
    rate_ratio_high,
    p_value,
    q_value,
    llr,
    verdict,
    explained_by,
    part_of,
    reason
  FROM coo.attribution
  UNION ALL BY NAME
  SELECT
    'material_change' AS suspect_kind,
    'material_change' AS factor,
    change_id AS suspect,
    topic,
    severity,
    complaints,
    shipped,
    rate,
    rate_ratio,
    rate_ratio_low,
    rate_ratio_high,
    p_value,
    q_value,
    llr,
    verdict,
    explained_by,
    part_of,
    reason
  FROM coo.changes
),
confirmed_verdicts AS (
  SELECT
    v.* EXCLUDE (verdict),
    c.confirmed_by,
    c.confirmed_on,
    c.note AS confirmed_because,
    CASE WHEN c.confirmed_by IS NOT NULL THEN 'confirmed cause' ELSE v.verdict END AS verdict
  FROM verdicts AS v
  LEFT JOIN
    seeds.confirmations AS c ON c.topic = v.topic
    AND c.suspect_kind = v.suspect_kind
    AND c.suspect = v.suspect
    AND c.confirmed_on <= $as_of
),
suspect_lots AS (
  SELECT factor, value, finished_lot
  FROM staging.lot_factors
  UNION
  SELECT 'finished_lot', finished_lot AS value, finished_lot
  FROM staging.lot_factors
  UNION
  SELECT factor, suspect, finished_lot
  FROM coo.window_lots
  UNION
  SELECT 'material_change', c.change_id, o.finished_lot
  FROM coo.changes AS c
  JOIN staging.lot_origin AS o ON o.supplier_period = c.supplier_period AND o.main
),
unverified AS (
  SELECT u.topic, l.factor, l.value, sum(u.texts) AS texts
  FROM ceo.unverified AS u
  JOIN suspect_lots AS l ON l.finished_lot = u.finished_lot
  GROUP BY u.topic, l.factor, l.value
),
suspect_complaints AS (
  SELECT topic, factor, value, interaction_id
  FROM staging.complaint_factors
  UNION
  SELECT c.topic, l.factor, l.value, c.interaction_id
  FROM staging.complaints AS c
  JOIN suspect_lots AS l ON l.finished_lot = c.finished_lot
  WHERE c.family IS NOT NULL
),
first_orders AS (
  SELECT customer_id, min(ordered_on) AS first_on
  FROM staging.order_lines
  GROUP BY customer_id
),
suspect_texts AS (
  SELECT
    s.topic,
    s.factor,
    s.value,
    count(*) AS texts,
    count(DISTINCT i.person) AS authors,
    count(*) FILTER (WHERE days_between(o.first_on, i.created_on) <= 30) AS by_new_customers,
    count(*) FILTER (WHERE d.first_id <> d.interaction_id) AS copies,
    min(i.created_on) AS first_on,
    max(i.created_on) AS last_on
  FROM suspect_complaints AS s
  JOIN staging.interactions AS i ON i.interaction_id = s.interaction_id
  LEFT JOIN first_orders AS o ON o.customer_id = i.customer_id
  LEFT JOIN staging.copies AS d ON d.interaction_id = s.interaction_id
  GROUP BY s.topic, s.factor, s.value
),
marked_suspects AS (
  SELECT
    topic,
    factor,
    value,
    copies,
    CASE
      WHEN texts >= $min_complaints THEN nullif(
        concat_ws(
          ', ',
          CASE WHEN 2 * authors <= texts THEN 'few authors' END,
          CASE WHEN 10 * by_new_customers >= 9 * texts THEN 'new customers' END,
          CASE WHEN 2 * copies >= texts THEN 'like texts' END,
          CASE WHEN days_between(first_on, last_on) <= 7 THEN 'within a week' END
        ),
        ''
      )
    END AS marks
  FROM suspect_texts
)
SELECT
  row_number() OVER (
    ORDER BY
      CASE
        v.verdict
        WHEN 'explained by its part' THEN 2
        WHEN 'explained by another' THEN 2
        WHEN 'no evidence' THEN 3
        ELSE 1
      END,
      CASE v.severity WHEN 'safety' THEN 1 WHEN 'defect' THEN 2 ELSE 3 END,
      CASE
        WHEN v.verdict IN ('confirmed cause', 'leading suspect') THEN 1
        WHEN v.verdict = 'part of a suspect' THEN 2
        ELSE 3
      END,
      v.part_of IS NOT NULL,
      v.llr DESC,
      v.topic,
      v.factor,
      v.suspect
  ) AS rank,
  v.suspect_kind,
  v.suspect,
  v.topic,
  v.severity,
  v.complaints,
  coalesce(u.texts, 0) AS unverified_texts,
  m.copies,
  m.marks,
  v.shipped,
  v.rate,
  v.rate_ratio,
  v.rate_ratio_low,
  v.rate_ratio_high,
  v.p_value,
  v.q_value,
  v.verdict,
  v.explained_by,
  v.part_of,
  v.reason,
  v.confirmed_by,
  v.confirmed_on,
  v.confirmed_because
FROM confirmed_verdicts AS v
LEFT JOIN
  unverified AS u ON u.topic = v.topic
  AND u.factor = v.factor
  AND u.value = v.suspect
LEFT JOIN
  marked_suspects AS m ON m.topic = v.topic
  AND m.factor = v.factor
  AND m.value = v.suspect
WHERE v.verdict <> 'no evidence' OR v.complaints >= 3
