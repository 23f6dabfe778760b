-- Shops, one without a region.
SELECT * FROM (VALUES (1, 'north', 10), (2, 'south', 20), (3, NULL, 30), (4, 'north', 40)) AS v (shop, region, area)
