-- The two companies that served the same streets, against each other.
SELECT r['ratio'] AS ratio, r['low'] AS low, r['high'] AS high, r['p'] AS p_value
FROM (
    SELECT rate_ratio(deaths, houses, company LIKE 'Southwark%') AS r
    FROM erp.companies
    WHERE company <> 'Rest of London'
)
