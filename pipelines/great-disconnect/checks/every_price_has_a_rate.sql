-- A currency without a rate would leave its sales out of every sum of money.
SELECT s.currency, count(*) AS order_lines
FROM erp.sales AS s
LEFT ANTI JOIN seeds.exchange_rates AS x ON x.currency = s.currency
GROUP BY s.currency
