-- Places in three columns.
SELECT * FROM (VALUES ('eu', 'de', 'a'), ('eu', 'de', 'b'), ('asia', 'jp', 'a')) AS v (area, land, depot)
