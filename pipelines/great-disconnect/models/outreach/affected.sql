-- Every order line that holds a pair of a suspect lot (`certain`) or may hold one, since it was picked from
-- a mixed bin (`possible`). The silent are among them, and nobody is left out for what they spend. A sale
-- without a name has no customer_id. Only topics of seeds/notices.csv call for writing to all buyers,
-- as a safety recall or as a notice of a defect, by their severity.
SELECT s.incident, s.topic, s.severity, d.customer_id, d.order_id, d.order_line,
       CASE WHEN bool_or(d.pick = 'exact') THEN 'certain' ELSE 'possible' END AS certainty,
       string_agg(d.finished_lot, ', ' ORDER BY d.finished_lot) AS finished_lot,
       CASE WHEN bool_or(d.pick = 'exact') THEN sum(CASE WHEN d.pick = 'exact' THEN d.quantity ELSE 0 END) ELSE max(d.quantity) END AS units,
       d.product_id, p.name AS product, d.ordered_on, d.country, d.region, d.channel
FROM coo.suspect_lots AS s
JOIN seeds.notices AS n ON n.topic = s.topic AND n.severity = s.severity
JOIN staging.deliveries AS d ON d.finished_lot = s.finished_lot
JOIN erp.products AS p ON p.product_id = d.product_id
GROUP BY s.incident, s.topic, s.severity, d.customer_id, d.order_id, d.order_line, d.product_id, p.name, d.ordered_on, d.country, d.region, d.channel
