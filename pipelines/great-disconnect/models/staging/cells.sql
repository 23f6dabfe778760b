-- What coo.attribution compares: units shipped (for all topics, so without one) and complaints
-- (with theirs). Faults of the product are held against lots and regions, late parcels against the
-- way to the customer; each has only the columns it needs, so that millions of lines make no more
-- rows than there are lots in regions. Lines whose lot is not known are in neither.
-- @column about: What is compared: product or delivery.
-- @column family: The family of the complaints; blank for shipped pairs.
-- @column topic: The topic of the complaints; blank for shipped pairs, which count for all.
-- @column finished_lot: The finished lot; blank where deliveries are compared.
-- @column region: The region of the buyer.
-- @column shipped: Pairs shipped.
-- @column complaints: Complaints that may point to a cause.
-- @column carrier: The carrier; blank where products are compared.
-- @column carrier_month: The carrier and the month of shipment; blank where products are compared.
-- @column product: The product; blank where products are compared, which have it by their lot.
WITH
lots AS (
  SELECT finished_lot, value AS product
  FROM staging.lot_factors
  WHERE factor = 'product'
)
SELECT
  'product' AS about,
  CAST(NULL AS VARCHAR) AS family,
  CAST(NULL AS VARCHAR) AS topic,
  o.finished_lot,
  o.region,
  sum(o.shipped) AS shipped,
  0 AS complaints
FROM staging.order_lines AS o
JOIN lots AS l ON l.finished_lot = o.finished_lot
GROUP BY o.finished_lot, o.region
UNION ALL BY NAME
SELECT
  'product' AS about,
  family,
  topic,
  finished_lot,
  region,
  0 AS shipped,
  count(*) AS complaints
FROM staging.complaints
WHERE family <> 'delivery'
GROUP BY family, topic, finished_lot, region
UNION ALL BY NAME
SELECT
  'delivery' AS about,
  o.region,
  o.carrier,
  o.carrier_month,
  l.product,
  sum(o.shipped) AS shipped,
  0 AS complaints
FROM staging.order_lines AS o
JOIN lots AS l ON l.finished_lot = o.finished_lot
GROUP BY o.region, o.carrier, o.carrier_month, l.product
UNION ALL BY NAME
SELECT
  'delivery' AS about,
  c.family,
  c.topic,
  c.region,
  c.carrier,
  c.carrier_month,
  l.product,
  0 AS shipped,
  count(*) AS complaints
FROM staging.complaints AS c
JOIN lots AS l ON l.finished_lot = c.finished_lot
WHERE c.family = 'delivery'
GROUP BY c.family, c.topic, c.region, c.carrier, c.carrier_month, l.product
