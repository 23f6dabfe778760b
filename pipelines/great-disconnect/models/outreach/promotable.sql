-- Who may be advertised to, and who may be profiled for it, with the reasons: the only people any
-- score, segment or campaign may start from. An objection to advertising ends both (GDPR Art. 21).
-- @column customer_id: The customer.
-- @column may_advertise: Whether the customer may be advertised to.
-- @column may_profile: Whether the customer may be profiled for advertising.
-- @column fatigue: How tired of advertisements the customer is.
-- @column reasons: Why.
SELECT *
FROM
  audience(
    persons => (
      SELECT *
      FROM outreach.contacts
      WHERE channel IS NOT DISTINCT FROM preferred_channel
      ORDER BY customer_id
    ),
    consents => (SELECT * FROM crm.consents ORDER BY customer_id),
    history => (SELECT * FROM staging.sends ORDER BY customer_id),
    volume => (SELECT * FROM staging.sends),
    rules => (SELECT * FROM seeds.outreach_rules),
    as_of => $as_of
  )
