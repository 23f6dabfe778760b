-- One message a person and incident, with the decision whether it may go and all reasons for it. A
-- run sends nothing: `tsugi deliver` does, after a person has approved.
-- @personal body
SELECT *
FROM
  compose(
    targets => (SELECT * FROM outreach.targets),
    templates => (SELECT * FROM seeds.templates),
    persons => (SELECT * FROM outreach.contacts),
    consents => (SELECT * FROM crm.consents),
    history => (SELECT * FROM crm.sends),
    offers => (SELECT * FROM crm.offers),
    forbidden => (SELECT name AS word FROM erp.suppliers UNION SELECT name FROM erp.materials),
    rules => (SELECT * FROM seeds.outreach_rules),
    as_of => $as_of,
    country_languages => 'JP=ja, DE=de, CH=de'
  )
