-- The contact on the order of each customer, with what whoever writes must know: an open grave incident stops
-- promotion, an angry customer is flagged. No address comes from a link between records.
WITH angry AS (
  SELECT c.customer_id
  FROM staging.complaints AS c
  JOIN staging.sentiment AS s ON s.interaction_id = c.interaction_id
  WHERE c.counted AND c.customer_id IS NOT NULL AND s.sentiment <= -0.5 AND CAST($as_of AS INT) - CAST(c.created_on AS INT) <= 180
  GROUP BY c.customer_id
),
endangered AS (
  SELECT customer_id FROM outreach.affected WHERE severity = 'safety' AND customer_id IS NOT NULL GROUP BY customer_id
)
SELECT c.customer_id, c.name, CASE c.channel WHEN 'sms' THEN c.phone WHEN 'email' THEN c.email END AS address, c.channel,
       'order' AS address_from, c.language, c.time_zone, c.country, c.owner, c.addressable, c.value_class,
       a.customer_id IS NOT NULL AS angry, e.customer_id IS NOT NULL AS open_severe_incident
FROM crm.customers AS c
LEFT JOIN angry AS a ON a.customer_id = c.customer_id
LEFT JOIN endangered AS e ON e.customer_id = c.customer_id
