-- Deaths a house with the exact interval.
SELECT company, r['events'] AS deaths, r['exposure'] AS houses, r['rate'] AS rate,
       r['low'] AS low, r['high'] AS high
FROM (SELECT company, event_rate(deaths, houses) AS r FROM erp.companies GROUP BY company)
