-- What happened to a pair after the sale, up to `$as_of`: returns, warranty claims and remedies,
-- one row each. A remedy happens on the day it is promised; `delivered_on` is blank until it has
-- reached the customer.
-- @column kind: return, claim (under warranty) or remedy.
-- @column record_id: The number of the return, claim or remedy.
-- @column order_id: The order.
-- @column order_line: The line of the order.
-- @column quantity: Pairs.
-- @column reason: Why it came back or was claimed; of a remedy, its kind.
-- @column defect: Whether a return is for a fault of the product; blank for remedies.
-- @column happened_on: When it came back, was claimed or was promised.
-- @column delivered_on: When a remedy reached the customer.
-- @column file: The export file of the row.
-- @column line: The line of the row in its file.
SELECT
  'return' AS kind,
  return_id AS record_id,
  order_id,
  order_line,
  quantity,
  reason,
  reason LIKE '%defect' AS defect,
  returned_on AS happened_on,
  CAST(NULL AS DATE) AS delivered_on,
  _file AS file,
  _line AS line
FROM erp.returns
WHERE returned_on <= $as_of
UNION ALL BY NAME
SELECT
  'claim' AS kind,
  claim_id AS record_id,
  order_id,
  order_line,
  quantity,
  reason,
  reason LIKE '%defect' AS defect,
  claimed_on AS happened_on,
  _file AS file,
  _line AS line
FROM erp.warranty_claims
WHERE claimed_on <= $as_of
UNION ALL BY NAME
SELECT
  'remedy' AS kind,
  remedy_id AS record_id,
  order_id,
  order_line,
  quantity,
  kind AS reason,
  promised_on AS happened_on,
  CASE WHEN delivered_on <= $as_of THEN delivered_on END AS delivered_on,
  _file AS file,
  _line AS line
FROM erp.remedies
WHERE promised_on <= $as_of
