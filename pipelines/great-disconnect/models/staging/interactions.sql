-- Everything that is heard of the goods, in one shape: what customers and store staff wrote (`by_people`), what
-- sensors of connected pairs measured, and what assistants answered when they were asked about the brand. A review that stands on two platforms is
-- kept once: the copy that names the order, else the customer, else the earlier one; `platforms` names all.
-- `person` is who tells, as far as counting goes: the customer, else the customer whose public name it is (one
-- customer only ever wrote under it), else that name, else the text alone. Nobody is written to by it.
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
  UNION ALL
  SELECT signal_id, 'device signal', 'sensor', NULL, customer_id, NULL, product_id,
         NULL, NULL, NULL, concat(signal, ' ', value, ' ', unit), NULL, CAST(measured_at AS DATE), _file, _line
  FROM crm.device_signals
  UNION ALL
  SELECT answer_id, 'assistant answer', engine, NULL, NULL, NULL, NULL,
         NULL, NULL, language, concat_ws(chr(10), question, text), NULL, asked_on, _file, _line
  FROM crm.assistant_answers
),
told AS (
  -- Spaces, marks and case differ from platform to platform. Only reviews have copies:
  -- a ticket that is sent twice is a second letter, and is counted in staging.complaints.
  SELECT *, CASE WHEN kind = 'review' AND author IS NOT NULL THEN author ELSE interaction_id END AS teller,
         CASE WHEN kind = 'review' THEN regexp_replace(lower(text), '[^\p{L}\p{N}]', '', 'g') END AS words
  FROM written
  WHERE created_on <= $as_of AND trim(text) <> ''
),
compared AS (
  SELECT *, row_number() OVER (
           PARTITION BY teller, words
           ORDER BY order_id IS NULL, customer_id IS NULL, created_on, interaction_id) AS copy,
         array_agg(platform) OVER (PARTITION BY teller, words) AS platforms,
         min(customer_id) OVER (PARTITION BY author, kind IN ('review', 'post')) AS one_customer,
         max(customer_id) OVER (PARTITION BY author, kind IN ('review', 'post')) AS other_customer
  FROM told
)
SELECT w.interaction_id, w.kind, w.platform,
       CASE WHEN w.kind = 'review' THEN array_to_string(array_sort(array_distinct(w.platforms)), ', ') ELSE w.platform END AS platforms,
       w.author, w.customer_id, w.order_id,
       w.product_id, coalesce(w.country, c.country) AS country, coalesce(w.region, c.region) AS region,
       w.language, w.text, w.rating, w.created_on,
       CASE WHEN w.kind = 'staff note' THEN w.interaction_id
            ELSE coalesce(w.customer_id, CASE WHEN w.author IS NOT NULL AND w.one_customer = w.other_customer THEN w.one_customer END, w.author, w.interaction_id)
       END AS person,
       w.kind NOT IN ('device signal', 'assistant answer') AS by_people,
       w._file AS file, w._line AS line
FROM compared AS w
LEFT JOIN crm.customers AS c ON c.customer_id = w.customer_id
WHERE w.copy = 1
