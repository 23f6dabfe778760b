-- Everything customers and store staff wrote, in one shape. A review that stands on two platforms is
-- kept once: the copy that names the order, else the customer, else the earlier one.
WITH written AS (
  SELECT review_id AS interaction_id, 'review' AS kind, platform, author, customer_id, order_id, product_id,
         country, region, language, text, rating, CAST(created_at AS DATE) AS created_on, _file, _line
  FROM crm.reviews
  UNION ALL
  SELECT ticket_id, 'ticket', NULL, NULL, customer_id, order_id, product_id,
         NULL, NULL, language, concat_ws(chr(10), subject, text), NULL, CAST(created_at AS DATE), _file, _line
  FROM crm.tickets
  UNION ALL
  SELECT post_id, 'post', platform, author, customer_id, NULL, product_id,
         country, region, language, text, NULL, CAST(created_at AS DATE), _file, _line
  FROM crm.posts
  UNION ALL
  SELECT note_id, 'staff note', store, staff, NULL, NULL, product_id,
         country, region, language, text, NULL, CAST(created_at AS DATE), _file, _line
  FROM crm.staff_notes
),
copies AS (
  SELECT *, row_number() OVER (
           -- Spaces, marks and case differ from platform to platform. Only reviews have copies:
           -- a ticket that is sent twice is a second letter, and is counted in staging.complaints.
           PARTITION BY CASE WHEN kind = 'review' THEN author ELSE interaction_id END,
                        regexp_replace(lower(text), '[^\p{L}\p{N}]', '', 'g')
           ORDER BY order_id IS NULL, customer_id IS NULL, created_on, interaction_id) AS copy
  FROM written
  WHERE created_on <= $as_of AND trim(text) <> ''
)
SELECT w.interaction_id, w.kind, w.platform, w.author, w.customer_id, w.order_id, w.product_id,
       coalesce(w.country, c.country) AS country, coalesce(w.region, c.region) AS region,
       w.language, w.text, w.rating, w.created_on, w._file AS file, w._line AS line
FROM copies AS w
LEFT JOIN crm.customers AS c ON c.customer_id = w.customer_id
WHERE w.copy = 1
