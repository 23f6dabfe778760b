-- One row a leading cause: what changed and when, when customers first told, when there were as many letters
-- as a leading suspect needs at least, what is out there today, and who confirmed the cause: this suspect, or the
-- change that began it.
WITH leading AS (
  SELECT topic || ': ' || suspect AS incident, topic, severity, suspect_kind, suspect, complaints, shipped, rate,
         rate_ratio, rate_ratio_low, rate_ratio_high, q_value, reason
  FROM coo.attribution
  WHERE verdict = 'leading suspect' AND part_of IS NULL
),
told AS (
  SELECT incident, max(supplier) AS supplier, max(material) AS material, max(change_id) AS change_id, max(change_kind) AS change_kind,
         max(change_note) AS change_note, max(changed_on) AS changed_on, min(received_on) AS first_received_on,
         max(received_on) AS last_received_on, min(created_on) AS first_complaint_on, max(created_on) AS last_complaint_on
  FROM ceo.evidence
  GROUP BY incident
),
enough AS (
  SELECT incident, min(created_on) AS enough_on
  FROM (SELECT incident, created_on, row_number() OVER (PARTITION BY incident ORDER BY created_on, interaction_id) AS nth FROM ceo.evidence)
  WHERE nth >= $min_complaints
  GROUP BY incident
),
shipped AS (
  SELECT s.incident, min(d.shipped_on) AS first_shipped_on
  FROM coo.suspect_lots AS s
  JOIN staging.deliveries AS d ON d.finished_lot = s.finished_lot
  GROUP BY s.incident
),
units AS (
  SELECT incident, count(*) AS lots, sum(made) AS made, sum(in_stock) AS in_stock, sum(sold) AS sold, sum(exposure_eur) AS exposure_eur
  FROM coo.containment
  GROUP BY incident
),
confirmed AS (
  SELECT l.incident, c.confirmed_by, c.confirmed_on, c.note, c.cause_en, c.cause_de, c.cause_ja,
         row_number() OVER (PARTITION BY l.incident ORDER BY c.confirmed_on DESC, c.suspect) AS nth
  FROM leading AS l
  LEFT JOIN told AS t ON t.incident = l.incident
  JOIN seeds.confirmations AS c
    ON c.topic = l.topic AND c.confirmed_on <= $as_of
   AND ((c.suspect_kind = l.suspect_kind AND c.suspect = l.suspect) OR (c.suspect_kind = 'material_change' AND c.suspect = t.change_id))
)
SELECT l.incident, l.topic, l.severity, l.suspect_kind, l.suspect, l.complaints, l.shipped, l.rate,
       l.rate_ratio, l.rate_ratio_low, l.rate_ratio_high, l.q_value,
       t.supplier, t.material, t.change_id, t.change_kind, t.change_note, t.changed_on, t.first_received_on, t.last_received_on,
       s.first_shipped_on, t.first_complaint_on, e.enough_on, t.last_complaint_on,
       CAST(t.first_complaint_on AS INT) - CAST(s.first_shipped_on AS INT) AS days_to_first_complaint,
       CAST(e.enough_on AS INT) - CAST(s.first_shipped_on AS INT) AS days_to_enough,
       CAST($as_of AS INT) - CAST(e.enough_on AS INT) AS days_since_enough,
       u.lots, u.made, u.in_stock, u.sold, u.exposure_eur, l.reason,
       c.confirmed_by, c.confirmed_on, c.note AS confirmed_because, c.cause_en, c.cause_de, c.cause_ja
FROM leading AS l
LEFT JOIN told AS t ON t.incident = l.incident
LEFT JOIN enough AS e ON e.incident = l.incident
LEFT JOIN shipped AS s ON s.incident = l.incident
LEFT JOIN units AS u ON u.incident = l.incident
LEFT JOIN confirmed AS c ON c.incident = l.incident AND c.nth = 1
