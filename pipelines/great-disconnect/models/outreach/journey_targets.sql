-- The steps of journeys that are due: a partner picked the journey, the customer is theirs, and the
-- event of the order is as many days back as the step says. One row an order, person and step.
-- @kind view
WITH
order_events AS (
  SELECT
    order_id,
    customer_id,
    product_id,
    unnest(make_array('ordered', 'shipped', 'delivered')) AS event,
    unnest(make_array(ordered_on, shipped_on, delivered_on)) AS happened_on
  FROM staging.deliveries
)
SELECT
  concat(j.journey, ' ', j.step, ': ', e.order_id) AS incident,
  e.customer_id,
  'certain' AS certainty,
  e.order_id,
  array_to_string(array_sort(array_agg(DISTINCT p.name)), ', ') AS product,
  j.purpose,
  j.template_id,
  j.journey AS experiment
FROM seeds.journeys AS j
JOIN seeds.partner_journeys AS k ON k.journey = j.journey
JOIN crm.customers AS c ON c.owner = k.partner
JOIN order_events AS e ON e.customer_id = c.customer_id AND e.event = j.event
JOIN erp.products AS p ON p.product_id = e.product_id
WHERE
  CAST(k.picked_on AS DATE) <= $as_of
  AND days_between(e.happened_on, $as_of) >= CAST(j.after_days AS INT)
  AND days_between(e.happened_on, $as_of) < CAST(j.after_days AS INT) + CAST(j.within_days AS INT)
GROUP BY j.journey, j.step, e.order_id, e.customer_id, j.purpose, j.template_id
