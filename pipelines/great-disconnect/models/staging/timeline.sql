-- What happened with each known customer, in one order of days: sales, marketing, service and what
-- they did on the website or in the app side by side. Public texts are included where they name the
-- customer; `reference` is the row that can be looked up.
-- @column customer_id: The customer.
-- @column happened_on: The day.
-- @column side: sales, marketing, service or interest.
-- @column event: What happened.
-- @column reference: The row that can be looked up.
-- @column product_id: The product, where there is one.
-- @column detail: More about it.
WITH
after_sales AS (
  SELECT
    o.customer_id,
    o.product_id,
    a.kind,
    a.record_id,
    a.reason,
    a.happened_on,
    a.delivered_on
  FROM staging.after_sales AS a
  JOIN staging.order_lines AS o USING (order_id, order_line)
)
SELECT
  customer_id,
  ordered_on AS happened_on,
  'sales' AS side,
  'ordered' AS event,
  order_id || ' / ' || order_line AS reference,
  product_id,
  quantity || ' x ' || product_id AS detail
FROM staging.order_lines
WHERE customer_id IS NOT NULL
UNION ALL
SELECT
  customer_id,
  delivered_on,
  'sales',
  'delivered',
  order_id || ' / ' || order_line,
  product_id,
  carrier
FROM staging.order_lines
WHERE customer_id IS NOT NULL AND delivered_on <= $as_of
UNION ALL
SELECT
  customer_id,
  happened_on,
  'service',
  CASE
    WHEN kind = 'return' THEN 'returned'
    WHEN kind = 'claim' THEN 'claimed under warranty'
    ELSE 'remedy promised'
  END,
  record_id,
  product_id,
  reason
FROM after_sales
WHERE customer_id IS NOT NULL
UNION ALL
SELECT
  customer_id,
  delivered_on,
  'service',
  'remedy delivered',
  record_id,
  product_id,
  reason
FROM after_sales
WHERE customer_id IS NOT NULL AND delivered_on IS NOT NULL
UNION ALL
SELECT
  customer_id,
  created_on,
  'service',
  CASE WHEN by_people THEN 'wrote a ' || kind ELSE kind END,
  interaction_id,
  product_id,
  CASE WHEN by_people THEN platforms ELSE text END
FROM staging.interactions
WHERE customer_id IS NOT NULL
UNION ALL BY NAME
SELECT
  customer_id,
  CAST(sent_at AS DATE) AS happened_on,
  CASE WHEN purpose = 'advertisement' THEN 'marketing' ELSE 'service' END AS side,
  'message ' || outcome AS event,
  send_id AS reference,
  template || ' by ' || channel AS detail
FROM staging.sends
WHERE customer_id IS NOT NULL AND CAST(sent_at AS DATE) <= $as_of
UNION ALL BY NAME
SELECT
  customer_id,
  CAST(received_at AS DATE) AS happened_on,
  'service' AS side,
  'replied to a message' AS event,
  reply_id AS reference,
  concat_ws(': ', nullif(choice, ''), text) AS detail
FROM crm.replies
WHERE customer_id IS NOT NULL AND CAST(received_at AS DATE) <= $as_of
UNION ALL BY NAME
SELECT
  customer_id,
  CAST(happened_at AS DATE) AS happened_on,
  'interest' AS side,
  CASE
    event
    WHEN 'page_view' THEN 'looked at'
    WHEN 'search' THEN 'searched'
    WHEN 'cart_add' THEN 'put in the cart'
    WHEN 'cart_left' THEN 'left in the cart'
    ELSE event
  END AS event,
  event_id AS reference,
  product_id,
  concat_ws(': ', channel, nullif(words, '')) AS detail
FROM crm.web_events
WHERE customer_id IS NOT NULL AND CAST(happened_at AS DATE) <= $as_of
UNION ALL BY NAME
SELECT
  customer_id,
  least(CAST(noted_at AS DATE), $as_of) AS happened_on,
  'service' AS side,
  'staff noted a ' || kind AS event,
  concat('note ', number) AS reference,
  note AS detail
FROM tsugi.notes
UNION ALL BY NAME
SELECT
  customer_id,
  CAST(at AS DATE) AS happened_on,
  'marketing' AS side,
  'consent ' || state AS event,
  consent_id AS reference,
  purpose || ' by ' || channel AS detail
FROM crm.consents
WHERE customer_id IS NOT NULL AND CAST(at AS DATE) <= $as_of
UNION ALL BY NAME
SELECT
  customer_id,
  valid_from AS happened_on,
  'marketing' AS side,
  'offer' AS event,
  offer_id AS reference,
  kind || ': ' || terms AS detail
FROM crm.offers
WHERE customer_id IS NOT NULL AND valid_from <= $as_of
