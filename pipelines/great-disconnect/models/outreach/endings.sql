-- How each affected order line ends, one row an incident and line, so that no buyer is lost: by a
-- message on the channel that the buyer prefers or on another that is on file, by post, in the
-- public notice, with a person who must decide; or it needs nothing more, since all its pairs came
-- back or were made good, or the buyer was informed before.
-- @column incident: The incident: topic and leading suspect.
-- @column order_id: The order.
-- @column order_line: The line of the order.
-- @column customer_id: The customer; blank where the buyer is not known.
-- @column certainty: certain: a pair of a suspect lot; possible: perhaps, from a mixed bin.
-- @column units: Pairs that are, or may be, of the suspect lots.
-- @column product: The name of the product.
-- @column ordered_on: The day of the order.
-- @column country: The country of the buyer, by its ISO code.
-- @column region: The region of the buyer.
-- @column sold_by: The channel of the sale, such as online or store.
-- @column ends_in: How it ends; blank where a rule lets a message fall, which a check refuses.
-- @column why: What decided it: the reasons of the message, or what is known of the line.
SELECT
  a.incident,
  a.order_id,
  a.order_line,
  a.customer_id,
  a.certainty,
  a.units,
  a.product,
  a.ordered_on,
  a.country,
  a.region,
  a.channel AS sold_by,
  CASE
    WHEN a.settled IS NOT NULL THEN 'already ' || a.settled
    WHEN a.customer_id IS NULL THEN 'public notice'
    WHEN m.reason_codes LIKE '%already-sent%' THEN 'already informed'
    WHEN m.reason_codes LIKE '%no-address%' THEN 'public notice'
    WHEN m.decision = 'hold'
    OR NOT contains (m.order_id, a.order_id) THEN 'waiting for a person'
    WHEN m.decision NOT IN ('send', 'review') THEN NULL
    WHEN m.channel = 'post' THEN 'letter by post'
    WHEN m.channel = c.channel THEN 'message'
    ELSE 'message by another channel'
  END AS ends_in,
  CASE
    WHEN a.settled IS NOT NULL THEN 'every pair of the line was ' || a.settled
    WHEN a.customer_id IS NULL THEN 'buyer not known'
    WHEN NOT c.addressable THEN 'buyer may not be addressed'
    WHEN m.reason_codes LIKE '%no-address%' THEN 'no usable address on file'
    ELSE m.reasons
  END AS why
FROM outreach.affected AS a
LEFT JOIN crm.customers AS c ON c.customer_id = a.customer_id
LEFT JOIN
  outreach.messages AS m ON m.incident = a.incident
  AND m.customer_id = a.customer_id
