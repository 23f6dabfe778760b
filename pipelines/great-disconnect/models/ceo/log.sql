-- What people did, one row a decision on messages or a look-up of a customer, as the ledger has it
-- (tsugi.reviews, tsugi.lookups). What was typed to find a customer is not kept here.
-- @column at: When, in UTC.
-- @column what: approve, reject, assign, settle or look-up.
-- @column person: Who, by name.
-- @column login: From which account of the machine.
-- @column about: What the decision was about, or the customer who was found.
-- @column note: The note of the decision, or the reason of the look-up.
SELECT
  decided_at AS at,
  verdict AS what,
  decided_by AS person,
  login,
  about,
  concat_ws(': ', 'to ' || assigned_to, nullif(note, '')) AS note
FROM tsugi.reviews
UNION ALL
SELECT looked_up_at, 'look-up', looked_up_by, login, customer_id, reason
FROM tsugi.lookups
