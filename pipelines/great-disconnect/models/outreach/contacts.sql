-- The contact on the order of each customer, with what must be known before writing: an open grave
-- incident stops promotion, an angry customer is flagged, and what staff hold is held. No address
-- comes from a link between records. One row a customer, on the channel that the customer prefers;
-- where there is no address for that, also a row for every other address on file, which a safety
-- recall may use.
-- @column customer_id: The customer.
-- @column name: The name of the customer.
-- @column address: The address for that channel.
-- @column channel: The channel of the address.
-- @column preferred_channel: The channel on which the customer is written to.
-- @column address_from: Where the address is from: the order.
-- @column language: The language of the customer.
-- @column time_zone: The time zone of the customer.
-- @column country: The country of the customer.
-- @column owner: The partner (store or adviser) who looks after the customer.
-- @column addressable: Whether the customer may be written to at all.
-- @column value_class: The value class of the customer.
-- @column held_by: The member of staff who holds messages to the customer.
-- @column held_until: The last day of that; blank without an end.
-- @column angry: Whether a recent complaint sounded angry and staff noted no fact since.
-- @column open_severe_incident: Whether a safety incident that affects the customer is open.
WITH
angry_customers AS (
  SELECT c.customer_id, max(c.created_on) AS complained_on
  FROM staging.complaints AS c
  JOIN staging.interactions AS i ON i.interaction_id = c.interaction_id
  WHERE
    c.counted
    AND c.customer_id IS NOT NULL
    AND i.sentiment <= -0.5
    AND days_between(c.created_on, $as_of) <= 180
  GROUP BY c.customer_id
),
addresses AS (
  SELECT customer_id, 'email' AS channel, email AS address
  FROM crm.customers
  WHERE coalesce(email, '') <> ''
  UNION ALL
  SELECT customer_id, 'sms', phone
  FROM crm.customers
  WHERE coalesce(phone, '') <> ''
  UNION ALL
  SELECT
    customer_id,
    'post',
    concat_ws(chr(10), name, street, concat_ws(' ', postal_code, city), country)
  FROM crm.customers
  WHERE coalesce(street, '') <> '' AND coalesce(city, '') <> ''
),
channels AS (
  SELECT c.customer_id, c.channel, a.address
  FROM crm.customers AS c
  LEFT JOIN addresses AS a ON a.customer_id = c.customer_id AND a.channel = c.channel
  UNION ALL
  SELECT a.customer_id, a.channel, a.address
  FROM addresses AS a
  JOIN crm.customers AS c ON c.customer_id = a.customer_id AND c.channel <> a.channel
  LEFT JOIN addresses AS p ON p.customer_id = c.customer_id AND p.channel = c.channel
  WHERE p.customer_id IS NULL
),
-- The last word of staff holds, also where it is younger than `$as_of`: a sample stands still.
staff_holds AS (
  SELECT
    customer_id,
    arg_max(kind, number) AS kind,
    arg_max(noted_by, number) AS held_by,
    arg_max(coalesce(until, ''), number) AS held_until
  FROM tsugi.notes
  WHERE kind IN ('hold', 'release')
  GROUP BY customer_id
),
staff_facts AS (
  SELECT customer_id, max(CAST(noted_at AS DATE)) AS noted_on
  FROM tsugi.notes
  WHERE kind = 'fact'
  GROUP BY customer_id
),
endangered_customers AS (
  SELECT customer_id
  FROM outreach.affected
  WHERE severity = 'safety' AND customer_id IS NOT NULL
  GROUP BY customer_id
)
SELECT
  c.customer_id,
  c.name,
  k.address,
  k.channel,
  c.channel AS preferred_channel,
  'order' AS address_from,
  c.language,
  c.time_zone,
  c.country,
  c.owner,
  c.addressable,
  c.value_class,
  h.held_by,
  nullif(h.held_until, '') AS held_until,
  a.customer_id IS NOT NULL
  AND f.customer_id IS NULL AS angry,
  e.customer_id IS NOT NULL AS open_severe_incident
FROM channels AS k
JOIN crm.customers AS c ON c.customer_id = k.customer_id
LEFT JOIN angry_customers AS a ON a.customer_id = c.customer_id
LEFT JOIN staff_holds AS h ON h.customer_id = c.customer_id AND h.kind = 'hold'
LEFT JOIN
  staff_facts AS f ON f.customer_id = c.customer_id
  AND f.noted_on >= a.complained_on
LEFT JOIN endangered_customers AS e ON e.customer_id = c.customer_id
