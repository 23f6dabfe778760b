-- Texts of several scripts; empty, missing, composed and decomposed.
SELECT *
FROM (VALUES
  (1, 'Straße'), (2, 'STRASSE'), (3, 'Köln'), (4, 'köln'), (5, 'が'), (6, 'か' || chr(12441)),
  (7, '90%'), (8, 'x_y'), (9, 'xzy'), (10, 'C:\temp'), (11, ''), (12, CAST(NULL AS VARCHAR)),
  (13, 'ｶﾅ'), (14, '👩‍🔧'), (15, ' padded '), (16, 'naïve')) AS v (id, s)
