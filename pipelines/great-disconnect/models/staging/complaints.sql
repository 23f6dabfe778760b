-- Complaints, one row a text and topic, with the order line and lot they are about where that is
-- known. Only people complain: what an assistant repeats or a sensor measures is no complaint.
-- `counted` is false, and `because` says why, for a second complaint by the same person about the
-- same product and topic, and for a review of four or five stars: a customer who is content writes
-- about another pair, or about none. `family` is set where a complaint may point to a cause: the
-- topics judged together by seeds/topics.csv, safety by itself, so that the rest never drowns it.
-- It is blank where the complaint is not counted or not traced to one lot, and for a demand (a
-- refund), which says what a customer wants and not what went wrong. A lot that is only written in
-- a text traces nothing: ceo.unverified has these.
-- @column interaction_id: The text.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column part: The word for the part of the product.
-- @column defect: The word for what is wrong with it.
-- @column snippet: The words in which the topic was found.
-- @column kind: The kind of text, such as review or ticket.
-- @column platforms: The platforms on which the text is.
-- @column customer_id: The customer; blank where the author is not known.
-- @column person: The author as far as counting goes; no message is addressed by it.
-- @column created_on: The day of the text.
-- @column country: The country of the author.
-- @column region: The region the line was shipped to, else that of the author.
-- @column link: How the line is known: order, customer and product, lot noted by staff, lot in the
--   text (which proves nothing), or not traced.
-- @column order_id: The order it is about; blank where it cannot be traced.
-- @column order_line: The line of that order.
-- @column product_id: The product it is about.
-- @column finished_lot: The lot it is about, where a purchase or store staff stand behind that.
-- @column named_lot: The lot that is written in the text.
-- @column carrier: The carrier of that line.
-- @column carrier_month: The carrier and the month of shipment.
-- @column shipped_on: When that line was shipped.
-- @column again: Whether the same person complained about the same thing shortly before.
-- @column counted: Whether it counts: no repetition, no positive review.
-- @column because: Why it does not count.
-- @column family: The topics it is judged with: safety, product or delivery; blank if with none.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
WITH
mentions AS (
  SELECT
    t.topic,
    t.severity,
    t.part,
    t.defect,
    t.snippet,
    i.interaction_id,
    i.kind,
    i.platforms,
    i.rating,
    i.customer_id,
    i.person,
    i.created_on,
    i.country,
    i.file,
    i.line,
    l.link,
    l.order_id,
    l.order_line,
    l.product_id,
    l.finished_lot,
    l.named_lot,
    l.carrier,
    l.carrier_month,
    l.shipped_on,
    coalesce(l.shipped_region, i.region) AS region
  FROM staging.topics AS t
  JOIN staging.interactions AS i ON i.interaction_id = t.interaction_id
  JOIN staging.links AS l ON l.interaction_id = t.interaction_id
  WHERE i.by_people
),
-- A public name is anybody's: what is written under it does not make a customer's own text a
-- repetition.
previous_mentions AS (
  SELECT *, lag(created_on) OVER same_trouble AS previous_on
  FROM mentions
  WINDOW
    same_trouble AS (
      PARTITION BY person, product_id, topic, customer_id IS NULL
      ORDER BY created_on, interaction_id
    )
),
repeats AS (
  SELECT
    *,
    coalesce(days_between(previous_on, created_on) <= $repeat_days, false) AS again
  FROM previous_mentions
),
complaints AS (SELECT *, coalesce(rating, 0) < 4 AND NOT again AS counted FROM repeats),
traced_lots AS (SELECT DISTINCT finished_lot, true AS traced FROM staging.lot_factors)
SELECT
  c.interaction_id,
  c.topic,
  c.severity,
  c.part,
  c.defect,
  c.snippet,
  c.kind,
  c.platforms,
  c.customer_id,
  c.person,
  c.created_on,
  c.country,
  c.region,
  c.link,
  c.order_id,
  c.order_line,
  c.product_id,
  c.finished_lot,
  c.named_lot,
  c.carrier,
  c.carrier_month,
  c.shipped_on,
  c.again,
  c.counted,
  CASE
    WHEN c.rating >= 4 THEN 'a positive review'
    WHEN c.again THEN 'a repeated complaint'
  END AS because,
  CASE
    WHEN NOT c.counted
    OR t.about = 'demand'
    OR l.traced IS NULL THEN NULL
    WHEN c.severity = 'safety' THEN 'safety'
    ELSE t.about
  END AS family,
  c.file,
  c.line
FROM complaints AS c
LEFT JOIN seeds.topics AS t ON t.topic = c.topic
LEFT JOIN traced_lots AS l ON l.finished_lot = c.finished_lot
