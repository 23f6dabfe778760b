-- The steps of journeys that are due: a partner picked the journey, the customer is theirs, and the event of
-- the order lies as many days back as the step says. One row an order, person and step.
SELECT j.journey || ' ' || j.step || ': ' || d.order_id AS incident, d.customer_id, 'certain' AS certainty, d.order_id,
       string_agg(DISTINCT p.name, ', ') AS product, j.purpose, j.template_id, j.journey AS experiment
FROM seeds.journeys AS j
JOIN seeds.partner_journeys AS k ON k.journey = j.journey AND k.picked_on <= $as_of
JOIN crm.customers AS c ON c.owner = k.partner
JOIN staging.deliveries AS d ON d.customer_id = c.customer_id
JOIN erp.products AS p ON p.product_id = d.product_id
WHERE CAST($as_of AS INT) - CAST(CASE j.event WHEN 'ordered' THEN d.ordered_on WHEN 'shipped' THEN d.shipped_on WHEN 'delivered' THEN d.delivered_on END AS INT)
      BETWEEN j.after_days AND j.after_days + j.within_days - 1
GROUP BY j.journey, j.step, d.order_id, d.customer_id, j.purpose, j.template_id
