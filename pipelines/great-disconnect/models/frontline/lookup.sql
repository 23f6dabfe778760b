-- What else than their number finds a customer: the phone in digits, with the country's code and as
-- it is dialled at home, and the number on the receipt of a pair, which has no number of its own.
-- Sorted, so that one row is found without reading the others.
-- @column kind: phone or serial.
-- @column value: The phone in digits, or the number on the receipt of a pair.
-- @column customer_id: The customer whom it finds.
WITH
phones AS (
  SELECT customer_id, regexp_replace(phone, '[^0-9]', '', 'g') AS digits
  FROM staging.persons
  WHERE phone IS NOT NULL
),
keys AS (
  SELECT 'phone' AS kind, digits AS value, customer_id
  FROM phones
  UNION ALL
  SELECT 'phone', regexp_replace(digits, '^(41|49|81)', '0'), customer_id
  FROM phones
  UNION ALL
  SELECT 'serial', order_id || '-' || order_line, customer_id
  FROM staging.order_lines
  WHERE customer_id IS NOT NULL
)
SELECT DISTINCT kind, value, customer_id
FROM keys
WHERE value <> ''
ORDER BY kind, value, customer_id
