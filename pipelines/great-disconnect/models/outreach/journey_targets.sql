-- The steps of journeys that are due: a partner picked the journey, the customer is theirs, and the event of
-- the order lies as many days back as the step says. One row an order, person and step.
WITH events AS (
  SELECT order_id, customer_id, product_id, 'ordered' AS event, ordered_on AS happened_on FROM staging.deliveries
  UNION ALL SELECT order_id, customer_id, product_id, 'shipped', shipped_on FROM staging.deliveries
  UNION ALL SELECT order_id, customer_id, product_id, 'delivered', delivered_on FROM staging.deliveries
)
SELECT j.journey || ' ' || j.step || ': ' || e.order_id AS incident, e.customer_id, 'certain' AS certainty, e.order_id,
       array_to_string(array_sort(array_agg(DISTINCT p.name)), ', ') AS product, j.purpose, j.template_id, j.journey AS experiment
FROM seeds.journeys AS j
JOIN seeds.partner_journeys AS k ON k.journey = j.journey
JOIN crm.customers AS c ON c.owner = k.partner
JOIN events AS e ON e.customer_id = c.customer_id AND e.event = j.event
JOIN erp.products AS p ON p.product_id = e.product_id
WHERE CAST(k.picked_on AS DATE) <= $as_of
  AND CAST($as_of AS INT) - CAST(e.happened_on AS INT) BETWEEN CAST(j.after_days AS INT) AND CAST(j.after_days AS INT) + CAST(j.within_days AS INT) - 1
GROUP BY j.journey, j.step, e.order_id, e.customer_id, j.purpose, j.template_id
