-- Who is to be informed about which incident, and with which text; the purpose is decided in
-- seeds/notices.csv: what endangers people goes out as a safety recall, which no rule made for
-- advertisements can stop. The cause is given in the words of the person who confirmed it
-- (seeds/confirmations.csv); until then messages say that it is looked for. Lines whose pairs all
-- came back, or were made good, need no message.
-- @kind view
SELECT
  a.incident,
  a.customer_id,
  a.certainty,
  a.order_id,
  a.product,
  a.finished_lot,
  n.purpose,
  n.template_id,
  c.confirmed_by AS cause_confirmed_by,
  c.cause_en,
  c.cause_de,
  c.cause_ja
FROM outreach.affected AS a
JOIN seeds.notices AS n ON n.topic = a.topic AND n.severity = a.severity
LEFT JOIN coo.confirmed_causes AS c ON c.incident = a.incident
WHERE a.settled IS NULL
