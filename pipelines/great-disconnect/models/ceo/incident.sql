-- One row a leading cause: what changed and when, when customers first complained, when there were
-- as many complaints as a leading suspect needs at least, what is out there on `$as_of`, and who
-- confirmed the cause: this suspect, or the change that began it.
WITH
leading_suspects AS (
  SELECT
    topic || ': ' || suspect AS incident,
    topic,
    severity,
    suspect_kind,
    suspect,
    complaints,
    shipped,
    rate,
    rate_ratio,
    rate_ratio_low,
    rate_ratio_high,
    q_value,
    reason
  FROM coo.attribution
  WHERE verdict = 'leading suspect' AND part_of IS NULL
),
incident_evidence AS (
  SELECT
    incident,
    max(supplier) AS supplier,
    max(material) AS material,
    max(change_id) AS change_id,
    max(change_kind) AS change_kind,
    max(change_note) AS change_note,
    max(changed_on) AS changed_on,
    min(received_on) AS first_received_on,
    max(received_on) AS last_received_on,
    min(created_on) AS first_complaint_on,
    max(created_on) AS last_complaint_on
  FROM ceo.evidence
  GROUP BY incident
),
numbered_evidence AS (
  SELECT
    incident,
    created_on,
    row_number() OVER (PARTITION BY incident ORDER BY created_on, interaction_id) AS nth
  FROM ceo.evidence
),
enough_evidence AS (
  SELECT incident, min(created_on) AS enough_on
  FROM numbered_evidence
  WHERE nth >= $min_complaints
  GROUP BY incident
),
first_shipments AS (
  SELECT s.incident, min(d.shipped_on) AS first_shipped_on
  FROM coo.containment AS s
  JOIN staging.deliveries AS d ON d.finished_lot = s.finished_lot
  GROUP BY s.incident
),
incident_units AS (
  SELECT
    incident,
    count(*) AS lots,
    sum(made) AS made,
    sum(in_stock) AS in_stock,
    sum(sold) AS sold,
    sum(exposure_eur) AS exposure_eur
  FROM coo.containment
  GROUP BY incident
)
SELECT
  s.incident,
  s.topic,
  s.severity,
  s.suspect_kind,
  s.suspect,
  s.complaints,
  s.shipped,
  s.rate,
  s.rate_ratio,
  s.rate_ratio_low,
  s.rate_ratio_high,
  s.q_value,
  e.supplier,
  e.material,
  e.change_id,
  e.change_kind,
  e.change_note,
  e.changed_on,
  e.first_received_on,
  e.last_received_on,
  f.first_shipped_on,
  e.first_complaint_on,
  n.enough_on,
  e.last_complaint_on,
  days_between(f.first_shipped_on, e.first_complaint_on) AS days_to_first_complaint,
  days_between(f.first_shipped_on, n.enough_on) AS days_to_enough,
  days_between(n.enough_on, $as_of) AS days_since_enough,
  u.lots,
  u.made,
  u.in_stock,
  u.sold,
  u.exposure_eur,
  s.reason,
  c.confirmed_by,
  c.confirmed_on,
  c.confirmed_because,
  c.cause_en,
  c.cause_de,
  c.cause_ja
FROM leading_suspects AS s
LEFT JOIN incident_evidence AS e ON e.incident = s.incident
LEFT JOIN enough_evidence AS n ON n.incident = s.incident
LEFT JOIN first_shipments AS f ON f.incident = s.incident
LEFT JOIN incident_units AS u ON u.incident = s.incident
LEFT JOIN coo.confirmed_causes AS c ON c.incident = s.incident
