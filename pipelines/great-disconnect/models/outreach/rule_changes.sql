-- What the rules of another day would change: who would get another decision, another time or
-- another text, and why. A rule with a later `valid_from` is tried here before it holds; set
-- `rules_on` to the day it begins.
-- @column incident: The incident, or the journey, its step and the order.
-- @column customer_id: The customer; blank where the buyer is not known.
-- @column order_id: The order.
-- @column decision_today: Decision by the rules of today.
-- @column decision_then: Decision by the rules of that day.
-- @column earliest_today: First moment by the rules of today.
-- @column earliest_then: First moment by the rules of that day.
-- @column another_text: Whether the text would be another.
-- @column reasons_today: Codes of the reasons today.
-- @column reasons_then: Reasons by the rules of that day.
WITH
messages_then AS (
  SELECT *, CASE WHEN customer_id IS NULL THEN order_id END AS unnamed_order
  FROM
    compose(
      targets => (
        SELECT *
        FROM outreach.journey_targets
        UNION ALL BY NAME
        SELECT *
        FROM outreach.targets
      ),
      templates => (SELECT * FROM seeds.templates),
      persons => (SELECT * FROM outreach.contacts),
      consents => (SELECT * FROM crm.consents),
      history => (SELECT * FROM staging.sends),
      offers => (SELECT * FROM crm.offers),
      forbidden => (SELECT name AS word FROM erp.suppliers UNION SELECT name FROM erp.materials),
      rules => (SELECT * FROM seeds.outreach_rules),
      open_fields => (SELECT * FROM seeds.open_fields),
      assets => (SELECT * FROM seeds.assets),
      as_of => $as_of,
      rules_on => $rules_on,
      country_languages => 'JP=ja, DE=de, CH=de'
    )
),
messages_today AS (
  SELECT *, CASE WHEN customer_id IS NULL THEN order_id END AS unnamed_order
  FROM outreach.journey_messages
  UNION ALL BY NAME
  SELECT *, CASE WHEN customer_id IS NULL THEN order_id END AS unnamed_order
  FROM outreach.messages
)
SELECT
  coalesce(n.incident, t.incident) AS incident,
  coalesce(n.customer_id, t.customer_id) AS customer_id,
  coalesce(n.order_id, t.order_id) AS order_id,
  n.decision AS decision_today,
  t.decision AS decision_then,
  n.earliest_at AS earliest_today,
  t.earliest_at AS earliest_then,
  (n.content_hash IS DISTINCT FROM t.content_hash) AS another_text,
  n.reason_codes AS reasons_today,
  t.reasons AS reasons_then
FROM messages_today AS n
-- A sale without a name is known by its order.
FULL JOIN
  messages_then AS t ON t.incident = n.incident
  AND coalesce(t.customer_id, '') = coalesce(n.customer_id, '')
  AND coalesce(t.unnamed_order, '') = coalesce(n.unnamed_order, '')
WHERE
  (n.decision IS DISTINCT FROM t.decision)
  OR (n.earliest_at IS DISTINCT FROM t.earliest_at)
  OR (n.content_hash IS DISTINCT FROM t.content_hash)
