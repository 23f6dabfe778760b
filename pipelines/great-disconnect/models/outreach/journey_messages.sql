-- What the journeys would send, in the name of the partner who picked them; partners fill open
-- fields only, the rest of the text is locked. These are advertisements: consent, refusals, caps,
-- fatigue and holdouts bind them, and customers with an open grave incident get none.
-- @personal body
SELECT *
FROM
  compose(
    targets => (SELECT * FROM outreach.journey_targets),
    templates => (SELECT * FROM seeds.templates),
    persons => (SELECT * FROM outreach.contacts),
    consents => (SELECT * FROM crm.consents),
    history => (SELECT * FROM crm.sends),
    offers => (SELECT * FROM crm.offers),
    forbidden => (SELECT name AS word FROM erp.suppliers UNION SELECT name FROM erp.materials),
    rules => (SELECT * FROM seeds.outreach_rules),
    open_fields => (SELECT * FROM seeds.open_fields),
    assets => (SELECT * FROM seeds.assets),
    as_of => $as_of,
    country_languages => 'JP=ja, DE=de, CH=de'
  )
