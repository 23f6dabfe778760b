-- A stream that has other rows than its sample.
SELECT w.stream, w.rows_written, s.rows_read
FROM seeds.samples w
LEFT JOIN ceo.streams s ON s.stream = w.stream
WHERE s.rows_read IS DISTINCT FROM w.rows_written
