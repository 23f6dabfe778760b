-- One page an incident for everybody who meets customers: what it is, who is affected, what is held
-- back, what is given, what to say and what not. A cause is named only where a person confirmed it.
-- @column incident: The incident: topic and leading suspect.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column products: The products concerned.
-- @column sold_from: The first day on which an affected pair was ordered.
-- @column sold_to: The last day on which an affected pair was ordered.
-- @column customers_surely_affected: Customers who have an affected pair for certain.
-- @column customers_possibly_affected: Customers who may have an affected pair.
-- @column sold_without_a_name: Affected lines whose buyer is not known.
-- @column complaints: Complaints of the suspect, traced to one lot and counted once.
-- @column first_complaint_on: The day of the first complaint.
-- @column held_back: What is held back, and where.
-- @column letters_ready: Messages that may go.
-- @column letters_in_review: Messages that wait for a person.
-- @column contact: Whom customers may turn to.
-- @column cause: The cause, where a person confirmed it.
-- @column say_if_surely: What to say to customers who are surely affected.
-- @column do_not_say_if_surely: What not to say to them.
-- @column say_if_possibly: What to say to customers who are possibly affected.
-- @column do_not_say_if_possibly: What not to say to them.
WITH
affected_customers AS (
  SELECT
    incident,
    count(DISTINCT customer_id) FILTER (WHERE certainty = 'certain') AS surely,
    count(DISTINCT customer_id) FILTER (WHERE certainty = 'possible') AS possibly,
    count(*) FILTER (WHERE customer_id IS NULL) AS without_name,
    array_to_string(array_sort(array_agg(DISTINCT product)), ', ') AS products,
    min(ordered_on) AS sold_from,
    max(ordered_on) AS sold_to
  FROM outreach.affected
  GROUP BY incident
),
held_places AS (
  SELECT incident, what, place, CAST(round(sum(quantity)) AS BIGINT) AS quantity
  FROM coo.stop_ship
  WHERE what <> 'component lot'
  GROUP BY incident, what, place
),
held_goods AS (
  SELECT
    incident,
    string_agg(concat(what, ' at ', place, ': ', quantity), '; ' ORDER BY what, place) AS held_back
  FROM held_places
  GROUP BY incident
),
messages AS (
  SELECT
    incident,
    count(*) FILTER (WHERE decision = 'send') AS ready,
    count(*) FILTER (WHERE decision = 'review') AS in_review,
    array_to_string(array_sort(array_agg(DISTINCT contact)), ' | ') AS contact
  FROM outreach.messages
  GROUP BY incident
),
talking_points AS (
  SELECT
    situation,
    string_agg(language || ': ' || say, ' | ' ORDER BY language) AS say,
    string_agg(language || ': ' || do_not_say, ' | ' ORDER BY language) AS do_not_say
  FROM seeds.talking_points
  GROUP BY situation
)
SELECT
  i.incident,
  i.topic,
  i.severity,
  a.products,
  a.sold_from,
  a.sold_to,
  a.surely AS customers_surely_affected,
  a.possibly AS customers_possibly_affected,
  a.without_name AS sold_without_a_name,
  i.complaints,
  i.first_complaint_on,
  h.held_back,
  m.ready AS letters_ready,
  m.in_review AS letters_in_review,
  m.contact,
  coalesce(
    'confirmed by ' || i.confirmed_by || ' on ' || i.confirmed_on || ': ' || i.confirmed_because,
    'not confirmed by a person: do not name a cause'
  ) AS cause,
  s.say AS say_if_surely,
  s.do_not_say AS do_not_say_if_surely,
  p.say AS say_if_possibly,
  p.do_not_say AS do_not_say_if_possibly
FROM ceo.incident AS i
LEFT JOIN affected_customers AS a ON a.incident = i.incident
LEFT JOIN held_goods AS h ON h.incident = i.incident
LEFT JOIN messages AS m ON m.incident = i.incident
LEFT JOIN talking_points AS s ON s.situation = 'certain' AND a.incident IS NOT NULL
LEFT JOIN talking_points AS p ON p.situation = 'possible' AND a.incident IS NOT NULL
ORDER BY i.incident
