-- Every live promise to a customer by kind of offer, and the one to honour. Two promises that no
-- rule reconciles are a conflict.
SELECT *
FROM
  offer_ledger(
    offers => (SELECT * FROM crm.offers),
    rules => (SELECT * FROM seeds.outreach_rules),
    as_of => $as_of
  )
