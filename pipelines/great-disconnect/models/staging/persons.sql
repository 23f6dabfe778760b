-- One row a customer, in one shape: contacts in lower case and plain digits, the language with that
-- of the country where none is given, and how many other rows share the contact. Two rows that
-- share one may be one person, a household or a slip: nothing is merged here.
-- @column customer_id: The customer.
-- @column name: The name of the customer.
-- @column email: The mail address in lower case.
-- @column phone: The phone in digits, with a leading + where it has one.
-- @column language: The language of the customer, else that of the country.
-- @column time_zone: The time zone of the customer.
-- @column country: The country of the customer.
-- @column region: The region of the customer.
-- @column channel: The channel on which the customer is written to.
-- @column owner: The partner (store or adviser) who looks after the customer.
-- @column addressable: Whether the customer may be written to at all.
-- @column value_class: The value class of the customer.
-- @column since: The day on which the customer was entered.
-- @column same_email: How many other customers share the mail address.
-- @column same_phone: How many other customers share the phone.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
WITH
contacts AS (
  SELECT
    customer_id,
    name,
    nullif(lower(trim(email)), '') AS email,
    nullif(regexp_replace(phone, '[^0-9+]', '', 'g'), '') AS phone,
    coalesce(language, CASE country WHEN 'JP' THEN 'ja' ELSE 'de' END) AS language,
    time_zone,
    country,
    region,
    channel,
    owner,
    addressable,
    value_class,
    CAST(created_at AS DATE) AS since,
    _file AS file,
    _line AS line
  FROM crm.customers
)
SELECT
  customer_id,
  name,
  email,
  phone,
  language,
  time_zone,
  country,
  region,
  channel,
  owner,
  addressable,
  value_class,
  since,
  CASE WHEN email IS NULL THEN 0 ELSE count(*) OVER (PARTITION BY email) - 1 END AS same_email,
  CASE WHEN phone IS NULL THEN 0 ELSE count(*) OVER (PARTITION BY phone) - 1 END AS same_phone,
  file,
  line
FROM contacts
