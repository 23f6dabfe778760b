-- One row a leading cause: what changed and when, when customers first complained, when there were
-- as many complaints as a leading suspect needs at least, what is out there on `$as_of`, and who
-- confirmed the cause: this suspect, or the change that began it.
-- @column incident: The incident: topic and leading suspect.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column suspect_kind: What kind of thing is suspected, such as supplier_period or finished_lot.
-- @column suspect: The suspected lot, supplier, period, change, plant, product, region or carrier.
-- @column complaints: Complaints of the suspect, traced to one lot and counted once.
-- @column shipped: Pairs it is measured against.
-- @column rate: Complaints per pair shipped.
-- @column rate_ratio: Rate here over the rate elsewhere; blank where elsewhere has no complaint.
-- @column rate_ratio_low: Lower end of the 95 % interval of the ratio.
-- @column rate_ratio_high: Upper end of the 95 % interval of the ratio; blank where it has none.
-- @column q_value: False discovery rate over all pairs that were compared.
-- @column supplier: The name of the supplier.
-- @column material: The name of the material.
-- @column change_id: The change that the period begins with; several of one day are joined by +.
-- @column change_kind: What kind of change it was, such as material, machine or man.
-- @column change_note: What was noted about the change.
-- @column changed_on: When the change took effect.
-- @column days_after_change: Days from the change to the first receipt of the period.
-- @column first_received_on: When the first component lot of the suspect came in.
-- @column last_received_on: When the last component lot of the suspect came in.
-- @column first_shipped_on: When the first pair of a suspect lot was shipped.
-- @column first_complaint_on: The day of the first complaint.
-- @column enough_on: When there were as many complaints as a leading suspect needs.
-- @column last_complaint_on: The day of the last complaint.
-- @column days_to_first_complaint: Days from the first shipment to the first complaint.
-- @column days_to_enough: Days from the first shipment until there were enough complaints.
-- @column days_since_enough: Days since there were enough complaints.
-- @column lots: Suspect finished lots.
-- @column made: Pairs made of these lots.
-- @column in_stock: Pairs in stock; blank where stock was not counted by that day.
-- @column sold: Pairs that left the warehouse; blank where stock was not counted by that day.
-- @column exposure_eur: At most at stake, in euros: stock at cost, sold pairs at the price paid.
-- @column rivals: What the same complaints fit as well, so that a person must tell them apart.
-- @column reason: The comparison in one sentence.
-- @column confirmed_by: The person who confirmed the cause.
-- @column confirmed_on: The day on which the cause was confirmed.
-- @column confirmed_because: The note of the person who confirmed the cause.
-- @column cause_en: The cause in words for customers, English.
-- @column cause_de: The cause in words for customers, German.
-- @column cause_ja: The cause in words for customers, Japanese.
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
    rivals,
    reason
  FROM coo.attribution
  WHERE verdict = 'leading suspect' AND part_of IS NULL
),
incident_evidence AS (
  SELECT
    incident,
    max(supplier) AS supplier,
    max(material) AS material,
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
  w.change_id,
  w.change_kind,
  w.change_note,
  w.changed_on,
  w.days_after_change,
  coalesce(w.first_on, e.first_received_on) AS first_received_on,
  coalesce(w.last_on, e.last_received_on) AS last_received_on,
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
  s.rivals,
  s.reason,
  c.confirmed_by,
  c.confirmed_on,
  c.confirmed_because,
  c.cause_en,
  c.cause_de,
  c.cause_ja
FROM leading_suspects AS s
LEFT JOIN incident_evidence AS e ON e.incident = s.incident
LEFT JOIN
  coo.windows AS w ON w.topic = s.topic
  AND w.suspect = s.suspect
  AND w.suspect_kind = 'supplier_period'
LEFT JOIN enough_evidence AS n ON n.incident = s.incident
LEFT JOIN first_shipments AS f ON f.incident = s.incident
LEFT JOIN incident_units AS u ON u.incident = s.incident
LEFT JOIN coo.confirmed_causes AS c ON c.incident = s.incident
