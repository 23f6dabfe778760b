-- What came back, up to the day that is asked about. `defect` is true where the reason is a fault of the
-- product; a wrong size or a change of mind is none.
SELECT return_id, order_id, order_line, quantity, reason, reason LIKE '%defect' AS defect, returned_on, _file AS file, _line AS line
FROM erp.returns
WHERE returned_on <= $as_of
