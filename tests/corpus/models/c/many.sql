-- Rows enough for several pages and groups of a file.
SELECT
  value AS id,
  (value * 7907) % 1000 AS a,
  CASE WHEN value % 11 <> 0 THEN (value * 37) % 97 END AS b,
  CASE WHEN value % 13 <> 0 THEN CAST((value * 19) % 1009 AS DOUBLE) / 8.0 - 50.0 END AS x,
  CASE
    WHEN value % 1723 = 0 THEN CAST('NaN' AS DOUBLE)
    WHEN value % 400 = 0 THEN -0.0
    ELSE CAST(value % 4999 AS DOUBLE) / 4.0
  END AS y,
  CASE value % 5
    WHEN 0 THEN 'い'
    WHEN 1 THEN 'k'
    WHEN 2 THEN ''
    WHEN 4 THEN 'lot' || CAST(value % 60 AS VARCHAR)
  END AS s,
  CAST(CAST(18628 + value % 1900 AS INT) AS DATE) AS d,
  CAST(value % 90001 AS DECIMAL(12, 2)) / CAST(100 AS DECIMAL(12, 2)) AS m,
  value < 131072 AS early
FROM (SELECT unnest(generate_series(1, 300000)) AS value) AS numbers
