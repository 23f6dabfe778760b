-- Lists: two, none, one, empty.
SELECT id, CASE id WHEN 1 THEN make_array(4, 5) WHEN 3 THEN make_array(6) END AS l FROM (VALUES (1), (2), (3)) AS v (id)
