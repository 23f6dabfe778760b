-- Messages to customers name no supplier.
SELECT m.incident, m.customer_id, s.name
FROM outreach.messages AS m
CROSS JOIN erp.suppliers AS s
WHERE strpos(lower(m.body), lower(s.name)) > 0 OR strpos(m.body, s.supplier_id) > 0
