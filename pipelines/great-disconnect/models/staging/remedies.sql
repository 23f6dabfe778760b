-- What was promised to put a pair right, and whether it has reached the customer by the day that is asked
-- about: a later delivery is not known yet, and a promise is no remedy.
SELECT remedy_id, order_id, order_line, quantity, kind, promised_on,
       CASE WHEN delivered_on <= $as_of THEN delivered_on END AS delivered_on, _file AS file, _line AS line
FROM erp.remedies
WHERE promised_on <= $as_of
