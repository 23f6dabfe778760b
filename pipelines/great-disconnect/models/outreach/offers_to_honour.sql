-- Every live promise to a customer by kind of offer, and the one to honour. Two promises that no
-- rule reconciles are a conflict.
-- @column customer_id: The customer.
-- @column kind: The kind of offer.
-- @column offers: The live offers of this kind.
-- @column partners: The partners who made them.
-- @column state: clear, conflict, or upgraded where a rule reconciles two offers.
-- @column honour: The offer to honour; blank in a conflict.
SELECT *
FROM
  offer_ledger(
    offers => (SELECT * FROM crm.offers),
    rules => (SELECT * FROM seeds.outreach_rules),
    as_of => $as_of
  )
