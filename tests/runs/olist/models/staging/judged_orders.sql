-- Orders of the three random samples with what the review answered last says: two stars or fewer
-- are a complaint. The fourth sample was drawn towards problem orders and would bend every rate.
WITH ranked AS (
    SELECT order_id, review_score,
           row_number() OVER (
               PARTITION BY order_id
               ORDER BY review_answer_timestamp DESC NULLS FIRST, review_id DESC
           ) AS place
    FROM raw.order_reviews
)
SELECT o.order_id, r.review_score <= 2 AS complaint
FROM raw.orders o
JOIN ranked r ON r.order_id = o.order_id AND r.place = 1
JOIN raw.customers c ON c.customer_id = o.customer_id
WHERE regexp_like(o.sample_sources, 'dhipin|techby|albu')
