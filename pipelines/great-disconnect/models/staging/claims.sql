-- Warranty claims, up to the day that is asked about.
SELECT claim_id, order_id, order_line, quantity, reason, claimed_on, _file AS file, _line AS line
FROM erp.warranty_claims
WHERE claimed_on <= $as_of
