-- What is sold.
SELECT product_id, trim(name) AS name, category, list_price AS list_price_eur, launched_on, _file AS file, _line AS line
FROM erp.products
