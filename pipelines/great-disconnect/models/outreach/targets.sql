-- Who is to be told about which incident, and with which text; the purpose is decided in seeds/notices.csv.
SELECT a.incident, a.customer_id, a.certainty, a.order_id, a.product, a.finished_lot, n.purpose, n.template_id
FROM outreach.affected AS a
JOIN seeds.notices AS n ON n.topic = a.topic
