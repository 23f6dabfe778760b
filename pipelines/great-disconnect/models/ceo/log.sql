-- What people did, one row a decision on messages, a note or a look-up of a customer, as the ledger
-- has it (tsugi.reviews, tsugi.notes, tsugi.lookups). What was typed to find a customer is not kept
-- here.
-- @column at: When, in UTC.
-- @column what: approve, reject, assign, settle, promise, done, fact, hold, release or look-up.
-- @column person: Who, by name.
-- @column login: From which account of the machine.
-- @column about: What the decision was about, or the customer who was found.
-- @column note: The note, that of the decision, or the reason of the look-up.
SELECT
  decided_at AS at,
  verdict AS what,
  decided_by AS person,
  login,
  about,
  concat_ws(': ', 'to ' || assigned_to, nullif(note, '')) AS note
FROM tsugi.reviews
UNION ALL
SELECT noted_at, kind, noted_by, login, customer_id, note
FROM tsugi.notes
UNION ALL
SELECT looked_up_at, 'look-up', looked_up_by, login, customer_id, reason
FROM tsugi.lookups
