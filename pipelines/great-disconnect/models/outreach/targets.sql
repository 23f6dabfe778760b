-- Who is to be told about which incident, and with which text; the purpose is decided in seeds/notices.csv:
-- what endangers somebody goes out as a safety recall, which no rule made for advertisements can stop.
SELECT a.incident, a.customer_id, a.certainty, a.order_id, a.product, a.finished_lot, n.purpose, n.template_id
FROM outreach.affected AS a
JOIN seeds.notices AS n ON n.topic = a.topic AND n.severity = a.severity
