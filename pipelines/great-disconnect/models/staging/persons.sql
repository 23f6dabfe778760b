-- One row a customer, in one shape: contacts in small letters and plain digits, the language with
-- that of the country where none is given, and how many other rows share the contact. Two rows that
-- share one may be one person, a household or a slip: nothing is merged here.
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
