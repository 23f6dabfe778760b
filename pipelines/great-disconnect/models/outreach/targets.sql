-- Who is to be told about which incident, and with which text; the purpose is decided in seeds/notices.csv:
-- what endangers somebody goes out as a safety recall, which no rule made for advertisements can stop. The cause
-- is told in the words of whoever confirmed it (seeds/confirmations.csv); until then letters say that it is looked for.
SELECT a.incident, a.customer_id, a.certainty, a.order_id, a.product, a.finished_lot, n.purpose, n.template_id,
       i.confirmed_by AS cause_confirmed_by, i.cause_en, i.cause_de, i.cause_ja
FROM outreach.affected AS a
JOIN seeds.notices AS n ON n.topic = a.topic AND n.severity = a.severity
LEFT JOIN ceo.incident AS i ON i.incident = a.incident
