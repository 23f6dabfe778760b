-- One row an order; its lines stand in staging.order_lines.
SELECT order_id, min(ordered_on) AS ordered_on, max(customer_id) AS customer_id, max(country) AS country, max(region) AS region,
       max(channel) AS channel, count(*) AS lines, sum(quantity) AS quantity, CAST(sum(CAST(quantity * unit_price_eur AS DECIMAL(20, 6))) AS DOUBLE) AS value_eur,
       sum(shipped) AS shipped, min(shipped_on) AS first_shipped_on, max(delivered_on) AS last_delivered_on,
       sum(returned) AS returned, sum(claimed) AS claimed
FROM staging.order_lines
GROUP BY order_id
