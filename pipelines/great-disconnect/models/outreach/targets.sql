-- Who is to be informed about which incident, and with which text; the purpose is decided in
-- seeds/notices.csv: what endangers people goes out as a safety recall, which no rule made for
-- advertisements can stop. Who stays silent after the first message gets a second notice, which a
-- person looks at each time. The cause is given in the words of the person who confirmed it
-- (seeds/confirmations.csv); until then messages say that it is looked for. `owner_name` is the
-- store or adviser who knows the buyer. Lines whose pairs all came back, or were made good, need
-- no message.
-- @kind view
SELECT
  a.incident,
  a.customer_id,
  a.certainty,
  a.order_id,
  a.product,
  a.finished_lot,
  n.purpose,
  CASE
    WHEN b.state = 'silent' THEN coalesce(n.second_template_id, n.template_id)
    ELSE n.template_id
  END AS template_id,
  CASE
    WHEN b.state = 'silent'
    AND n.second_template_id IS NOT NULL THEN concat(
      'a second notice, to who was informed on ',
      b.informed_on,
      ' and has not answered'
    )
  END AS review_because,
  CASE
    coalesce(p.language, CASE p.country WHEN 'JP' THEN 'ja' ELSE 'de' END)
    WHEN 'ja' THEN o.name_ja
    WHEN 'de' THEN o.name_de
    ELSE o.name_en
  END AS owner_name,
  c.confirmed_by AS cause_confirmed_by,
  c.cause_en,
  c.cause_de,
  c.cause_ja
FROM outreach.affected AS a
JOIN seeds.notices AS n ON n.topic = a.topic AND n.severity = a.severity
LEFT JOIN
  outreach.answers AS b ON b.incident = a.incident
  AND b.customer_id = a.customer_id
LEFT JOIN crm.customers AS p ON p.customer_id = a.customer_id
LEFT JOIN seeds.partners AS o ON o.partner = p.owner
LEFT JOIN coo.confirmed_causes AS c ON c.incident = a.incident
WHERE a.settled IS NULL
