-- Every text about the goods in one shape: what customers and store staff wrote (`by_people`), what
-- sensors of connected pairs measured, and what assistants answered to questions about the brand.
-- `sentiment` is how glad the text sounds. A review that is on two platforms is kept once: the copy
-- that names the order, else the customer, else the earlier one; `platforms` names all. `person` is
-- the author as far as counting goes: the customer, else the customer whose public name it is (one
-- customer only ever wrote under it), else that name, else the text alone. No message is addressed
-- by it.
-- @column interaction_id: The review, ticket, post, note, signal or answer.
-- @column kind: review, ticket, post, staff note, device signal or assistant answer.
-- @column platform: Where it was written or measured; blank for tickets.
-- @column platforms: All platforms with a copy of it.
-- @column author: The public name of the author.
-- @column customer_id: The customer, where the text names them.
-- @column order_id: The order, where the text names it.
-- @column product_id: The product, where the text names it.
-- @column country: The country of the author.
-- @column region: The region of the author.
-- @column language: The language of the text.
-- @column text: The text; of a ticket with its subject, of an answer with its question.
-- @column sentiment: How glad it sounds, -1 to 1; blank where no word of it was understood.
-- @column rating: The stars of a review.
-- @column created_on: The day of the text.
-- @column person: The author as far as counting goes; no message is addressed by it.
-- @column by_people: Whether a person wrote it; false for sensors and assistants.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
WITH
texts AS (
  SELECT
    review_id AS interaction_id,
    'review' AS kind,
    platform,
    author,
    customer_id,
    order_id,
    product_id,
    country,
    region,
    language,
    text,
    rating,
    CAST(created_at AS DATE) AS created_on,
    _file,
    _line
  FROM crm.reviews
  UNION ALL BY NAME
  SELECT
    ticket_id AS interaction_id,
    'ticket' AS kind,
    customer_id,
    order_id,
    product_id,
    language,
    concat_ws(chr(10), subject, text) AS text,
    CAST(created_at AS DATE) AS created_on,
    _file,
    _line
  FROM crm.tickets
  UNION ALL BY NAME
  SELECT
    post_id AS interaction_id,
    'post' AS kind,
    platform,
    author,
    customer_id,
    product_id,
    country,
    region,
    language,
    text,
    CAST(created_at AS DATE) AS created_on,
    _file,
    _line
  FROM crm.posts
  UNION ALL BY NAME
  SELECT
    note_id AS interaction_id,
    'staff note' AS kind,
    store AS platform,
    staff AS author,
    product_id,
    country,
    region,
    language,
    text,
    CAST(created_at AS DATE) AS created_on,
    _file,
    _line
  FROM crm.staff_notes
  UNION ALL BY NAME
  SELECT
    signal_id AS interaction_id,
    'device signal' AS kind,
    'sensor' AS platform,
    customer_id,
    product_id,
    concat(signal, ' ', value, ' ', unit) AS text,
    CAST(measured_at AS DATE) AS created_on,
    _file,
    _line
  FROM crm.device_signals
  UNION ALL BY NAME
  SELECT
    answer_id AS interaction_id,
    'assistant answer' AS kind,
    engine AS platform,
    language,
    concat_ws(chr(10), question, text) AS text,
    asked_on AS created_on,
    _file,
    _line
  FROM crm.assistant_answers
),
-- Spaces, marks and case differ from platform to platform. Only reviews have copies: a ticket that
-- is sent twice is a repeated complaint, and is counted in staging.complaints.
normalized_texts AS (
  SELECT
    *,
    CASE
      WHEN kind = 'review'
      AND author IS NOT NULL THEN author
      ELSE interaction_id
    END AS written_by,
    CASE
      WHEN kind = 'review' THEN regexp_replace(lower(text), '[^\p{L}\p{N}]', '', 'g')
    END AS words
  FROM texts
  WHERE created_on <= $as_of AND trim(text) <> ''
),
text_copies AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY written_by, words
      ORDER BY order_id IS NULL, customer_id IS NULL, created_on, interaction_id
    ) AS copy,
    array_agg(platform) OVER (PARTITION BY written_by, words) AS all_platforms,
    min(customer_id) OVER (PARTITION BY author, kind IN ('review', 'post')) AS one_customer,
    max(customer_id) OVER (PARTITION BY author, kind IN ('review', 'post')) AS other_customer
  FROM normalized_texts
)
SELECT
  t.interaction_id,
  t.kind,
  t.platform,
  CASE
    WHEN t.kind = 'review' THEN array_to_string(array_sort(array_distinct(t.all_platforms)), ', ')
    ELSE t.platform
  END AS platforms,
  t.author,
  t.customer_id,
  t.order_id,
  t.product_id,
  coalesce(t.country, c.country) AS country,
  coalesce(t.region, c.region) AS region,
  t.language,
  t.text,
  sentiment(t.text, t.language) AS sentiment,
  t.rating,
  t.created_on,
  CASE
    WHEN t.kind = 'staff note' THEN t.interaction_id
    ELSE coalesce(
      t.customer_id,
      CASE
        WHEN t.author IS NOT NULL
        AND t.one_customer = t.other_customer THEN t.one_customer
      END,
      t.author,
      t.interaction_id
    )
  END AS person,
  t.kind NOT IN ('device signal', 'assistant answer') AS by_people,
  t._file AS file,
  t._line AS line
FROM text_copies AS t
LEFT JOIN crm.customers AS c ON c.customer_id = t.customer_id
WHERE t.copy = 1
