-- Texts: scripts, patterns, lengths.
SELECT upper(s) AS u FROM c.words WHERE id = 1;
SELECT id, lower(s) AS l FROM c.words WHERE id <> 14;
SELECT 'Ä' ILIKE 'ä' AS a, upper('ä') = 'Ä' AS b, 'ß' ILIKE 'SS' AS c;
SELECT id FROM c.words WHERE s ILIKE 'köln';
SELECT count(DISTINCT s) AS n FROM c.words WHERE id IN (5, 6);
-- duckdb: SELECT id, length(s) AS n, strlen(s) AS o FROM c.words WHERE id IN (1, 5, 6, 13, 14)
SELECT id, character_length(s) AS n, octet_length(s) AS o FROM c.words WHERE id IN (1, 5, 6, 13, 14);
SELECT length(s) AS n FROM c.words WHERE id IN (5, 6, 14);
SELECT id FROM c.words WHERE s LIKE '90\%' ESCAPE '\';
SELECT id FROM c.words WHERE s LIKE 'x_y';
SELECT id FROM c.words WHERE s LIKE 'x$_y' ESCAPE '$';
SELECT id FROM c.words WHERE s LIKE '%ö%';
SELECT id FROM c.words WHERE s LIKE '';
SELECT id FROM c.words WHERE s NOT LIKE '%a%';
-- duckdb: SELECT id FROM c.words WHERE s LIKE 'x%' OR s LIKE 'k%'
SELECT id FROM c.words WHERE s LIKE ANY ('x%', 'k%');
-- duckdb: SELECT id FROM c.words WHERE s ILIKE 'x%' OR s ILIKE 'k%'
SELECT id FROM c.words WHERE s ILIKE ANY ('x%', 'k%');
SELECT ('a' || chr(10) || 'b') LIKE 'a%b' AS x, ('a' || chr(10) || 'b') LIKE 'a_b' AS y;
SELECT starts_with('foobar', 'foo_') AS a, starts_with('foo_bar', 'foo_') AS b, ends_with('foobar', 'bar') AS c, contains('foobar', 'oba') AS d;
SELECT id FROM c.words WHERE s ~ '^x.y$';
-- duckdb: SELECT id FROM c.words WHERE NOT regexp_matches(s, '^x')
SELECT id FROM c.words WHERE s !~ '^x';
SELECT regexp_replace('aXbXc', 'X', '-') AS a, regexp_replace('aXbXc', 'X', '-', 'g') AS b, regexp_replace('2026-11-29', '(\d+)-(\d+)-(\d+)', '\3.\2.\1') AS c;
SELECT regexp_extract('lot L2508-062', 'L(\d+)', 1) AS a, regexp_extract('lot L2508-062', 'L\d+') AS b, regexp_extract('none', 'L(\d+)', 1) AS c;
SELECT id, regexp_extract(s, '[a-z]+') AS r FROM c.words;
SELECT regexp_extract('k=v', '(\w)=(\w)', 2) AS a, regexp_extract('K=V', 'k=(v)', 1, 'i') AS b, regexp_extract(NULL, 'x') AS c;
SELECT regexp_extract_all('a1b22c333', '\d+') AS a, regexp_extract_all('a1b22', '([a-z])(\d+)', 1) AS b;
SELECT regexp_matches('lot 5', '\d') AS a, regexp_full_match('lot 5', '\d') AS b;
SELECT regexp_split_to_array('a1b22c', '\d+') AS x;
-- duckdb: SELECT len(regexp_extract_all('aXbXc', 'X')) AS x
SELECT regexp_count('aXbXc', 'X') AS x;
SELECT substr('abcdef', 3) AS a, substr('abcdef', 2, 3) AS b, substring('abcdef' FROM 2 FOR 3) AS c;
SELECT substr('日本語テキスト', 2, 3) AS a, left('日本語', 2) AS b, right('日本語', 1) AS c, strpos('日本語', '語') AS d, reverse('日本') AS e, lpad('日', 3, '本') AS f, rpad('日', 3, '-') AS g;
SELECT left('abc', -1) AS a, right('abc', -1) AS b, substr('abc', 2, 0) AS c;
SELECT trim('  a ') AS a, ltrim('  a ') AS b, rtrim('  a ') AS c;
SELECT trim('　全角　') AS a, length(ltrim('　あ')) AS b, length(rtrim('あ　 ')) AS c;
SELECT length(trim(chr(160) || 'x' || chr(8195))) AS a, length(trim(chr(9) || 'x' || chr(10))) AS b;
SELECT trim('xxaxx', 'x') AS a, ltrim('xxa', 'x') AS b, rtrim('axx', 'x') AS c, trim('xyaxy', 'yx') AS d;
SELECT trim(BOTH 'x' FROM 'xxaxx') AS a, trim(LEADING 'x' FROM 'xxaxx') AS b, trim(TRAILING 'x' FROM 'xxaxx') AS c;
SELECT id, trim(s) AS t FROM c.words WHERE id IN (11, 12, 15);
SELECT 'a' || NULL AS a, concat('a', NULL, 'b') AS b, concat_ws('-', 'a', NULL, 'b') AS c, 'a' || 1 AS d;
SELECT s FROM (VALUES ('ä'), ('z'), ('a'), ('Z'), ('あ'), ('ア'), ('亜'), ('')) AS v (s) ORDER BY s;
SELECT id FROM c.words ORDER BY s NULLS FIRST, id;
SELECT count(*) AS n FROM c.words WHERE s = '';
SELECT count(*) AS n FROM c.words WHERE s NOT IN ('');
SELECT split_part('a,b,c', ',', 2) AS a, split_part('a,b,c', ',', -1) AS b, split_part('a', ',', 3) AS c;
SELECT string_to_array('a,b,,c', ',') AS x;
SELECT replace('aXbX', 'X', '--') AS a, translate('abc', 'ab', 'xy') AS b, repeat('ab', 3) AS c, ascii('A') AS d, chr(945) AS e;
SELECT position('b' IN 'abc') AS a, strpos('abc', 'z') AS b, instr('abc', 'c') AS c;
SELECT levenshtein('kitten', 'sitting') AS a, levenshtein('', 'abc') AS b;
-- duckdb: SELECT 'aXXdef' AS x
SELECT overlay('abcdef' PLACING 'XX' FROM 2 FOR 2) AS x;
SELECT NULL LIKE 'a' AS a, 'a' LIKE NULL AS b, '' LIKE '%' AS c;
SELECT md5('a') AS a, md5('') AS b, md5('日本') AS c, md5(NULL) AS d;
SELECT sha1('a') AS a, sha256('a') AS b, sha256('') AS c, sha256('日本') AS d;
SELECT id, md5(s) AS m FROM c.words;
SELECT md5(concat_ws('|', region, CAST(area AS VARCHAR))) AS k FROM c.shops;
SELECT nfc_normalize(s) = 'が' AS n FROM c.words WHERE id IN (5, 6);
SELECT strip_accents('naïve Köln') AS x;
SELECT CAST('abcdef' AS VARCHAR(3)) AS x;
SELECT CAST('abcdef' AS CHAR(3)) AS x;
-- duckdb: SELECT 'O''Neil' AS x
SELECT initcap('o''neil') AS x;
-- duckdb: SELECT list_contains(string_split('a b', ' '), 'b') AS x
SELECT array_has(string_to_array('a b', ' '), 'b') AS x;
SELECT length('a' || chr(769)) AS x;
SELECT concat('a', 1, true, NULL, 2.5) AS x;
SELECT json_extract('{"a": 1}', '$.a') AS a, json_extract('{"a": "x"}', '$.a') AS b, json_extract('{"a": 1}', '$.b') AS c;
SELECT json_extract_string('{"a": "x"}', '$.a') AS a, json_extract_string('{"a": [1, {"b": true}]}', '$.a[1].b') AS b;
SELECT '{"a": 1}' ->> 'a' AS a, '{"a": {"b": "c"}}' -> 'a' ->> 'b' AS b;
SELECT id, j ->> 'lot' AS lot, j ->> '$.tags[0]' AS tag, j -> 'n' AS n FROM c.answers;
SELECT id, CAST(j ->> 'n' AS DOUBLE) AS n FROM c.answers;
SELECT id FROM c.answers WHERE j ->> 'lot' = 'L1';
SELECT id, json_array_length(j, '$.tags') AS n FROM c.answers;
SELECT json_array_length('[1, 2, 3]') AS a, json_array_length('{"a": 1}') AS b, json_array_length('[]') AS c;
SELECT json_valid('{"a": 1}') AS a, json_valid('{a') AS b, json_valid(NULL) AS c;
SELECT id, json_keys(j) AS k FROM c.answers;
SELECT json_type('{"a": 1}') AS a, json_type('[1]') AS b, json_type('{"a": null}', '$.a') AS c, json_type('"x"') AS d;
SELECT json_extract('{"a.b": 1}', '$."a.b"') AS a, json_extract('[5, 6]', '$[1]') AS b, json_extract('[5, 6]', '$[#-1]') AS c;
SELECT json_exists('{"a": null}', '$.a') AS a, json_exists('{"a": 1}', '$.b') AS b;
-- error
SELECT json_extract('{"a": ', '$.a') AS x;
-- Looking into JSON beside other operators.
SELECT id, j ->> 'lot' || '!' AS a, j ->> 'lot' IS NULL AS b, j ->> 'lot' LIKE 'L%' AS c, j ->> 'lot' IN ('L2', 'L3') AS d FROM c.answers;
-- duckdb: SELECT id FROM c.answers WHERE (j ->> 'lot') <> 'L1' AND NOT (j ->> 'lot') = 'L2'
SELECT id FROM c.answers WHERE j ->> 'lot' <> 'L1' AND NOT j ->> 'lot' = 'L2';
-- duckdb: SELECT id FROM c.answers WHERE 'L2' = (j ->> 'lot') OR (j ->> 'lot') = (j ->> '$.lot') AND id = 3
SELECT id FROM c.answers WHERE 'L2' = j ->> 'lot' OR j ->> 'lot' = j ->> '$.lot' AND id = 3;
-- error
SELECT id, j ->> 'n' + 1 AS x FROM c.answers;
-- error
SELECT id, 'x' || j ->> 'lot' AS x FROM c.answers;
-- What is cast to a text.
SELECT id, CAST(seen AS VARCHAR) AS a, seen || '!' AS b, concat(seen, '?') AS c FROM c.moments;
SELECT CAST(TIMESTAMP '2026-01-02 03:04:05.5' AS VARCHAR) AS a, CAST(TIMESTAMP '2026-01-02 03:04:05.123450' AS VARCHAR) AS b, CAST(TIMESTAMPTZ '2026-01-02 03:04:05+09' AS VARCHAR) AS c, CAST(TIME '01:02:03.5' AS VARCHAR) AS d, CAST(TIME '10:00:00' AS VARCHAR) AS e;
SELECT CAST(seen AS VARCHAR) AS t, count(*) AS n, min(id) AS i FROM c.moments GROUP BY CAST(seen AS VARCHAR);
SELECT a.id, b.id AS i FROM c.moments AS a JOIN c.moments AS b ON CAST(a.seen AS VARCHAR) = CAST(b.seen AS VARCHAR);
SELECT id, seen, CAST(seen AS VARCHAR) FROM c.moments;
SELECT id, CAST(l AS VARCHAR) AS a FROM c.lists;
SELECT CAST([1, NULL] AS VARCHAR) AS a, CAST(['a', 'b c', NULL] AS VARCHAR) AS b, CAST(['it''s', 'a,b', '', 'NULL'] AS VARCHAR) AS c, CAST([[1], [2, NULL]] AS VARCHAR) AS d;
SELECT CAST([TIMESTAMP '2026-01-02 03:04:05'] AS VARCHAR) AS a, CAST([DATE '2026-01-02'] AS VARCHAR) AS b, CAST([true] AS VARCHAR) AS c;
SELECT CAST(INTERVAL '1 day 2 hours' AS VARCHAR) AS a, CAST(INTERVAL '14 months' AS VARCHAR) AS b, CAST(INTERVAL '-1 day' AS VARCHAR) AS c, CAST(INTERVAL '0 day' AS VARCHAR) AS d, CAST(INTERVAL '-90 minutes' AS VARCHAR) AS e, CAST(TIMESTAMP '2026-01-03 00:00:00' - TIMESTAMP '2026-01-01 01:00:00' AS VARCHAR) AS f;
-- Where PostgreSQL and DuckDB differ, PostgreSQL is followed.
SELECT substr('hello', -3) AS a;
SELECT substring('hello' FROM -1 FOR 4) AS a;
SELECT 'a_b' LIKE 'a\_b' AS a, 'axb' LIKE 'a\_b' AS b;
SELECT 'é' ~ '^\w$' AS a;
SELECT reverse('e' || chr(769) || 'x') = 'x' || chr(769) || 'e' AS a;
SELECT TRY_CAST('1e3' AS INT) AS a;
SELECT regexp_matches('ABC', 'b', 'i') AS a, regexp_matches('ABC', 'b') AS b, regexp_full_match('ABC', 'abc', 'i') AS c;
SELECT 'a' || 1 + 1 AS x, 'a' || 2 * 3 AS y, 1 + 2 || 'a' AS z, 'a' || 1 + 2 || 'b' AS w, 'a' || 7 - 2 - 1 AS v;
SELECT regexp_replace('one shoe', 'shoe', 'US$5 shoe') AS a, regexp_replace('x', 'x', '$1') AS b, regexp_replace('ab', '(a)(b)', '\2\1') AS c;
SELECT lower('İ') AS a, lower('ΑΣ') AS b, upper('ﬁ') AS c;
-- LIKE with an escape character of its own.
SELECT '100%_a' LIKE '%100!%_%' ESCAPE '!' AS a, 'a\b' LIKE 'a\b' ESCAPE '!' AS b, 'x!y' LIKE 'x!!y' ESCAPE '!' AS c, 'a_y' ILIKE 'A!_Y' ESCAPE '!' AS d, 'axy' NOT LIKE 'a!_y' ESCAPE '!' AS e;
-- Slices, JSON.
SELECT [1, 2, 3][2:] AS a, [1, 2, 3][:2] AS b, list_min([2, 1]) AS c, ceiling(1.5e0) AS d;
SELECT to_json(x) AS a, to_json([x, NULL]) AS b, to_json('a"b' || x) AS c FROM (VALUES (1), (NULL)) AS t (x) ORDER BY x;
SELECT json_object('a', id, 'g', g, 'l', [v]) AS a, json_array(id, g, NULL, true) AS b FROM c.scores ORDER BY id;
SELECT to_json({'a': 1, 'b': 'x'}) AS a, to_json(DATE '2026-01-01') AS b, to_json(TIMESTAMP '2026-01-01 10:00:00') AS c, to_json(1.5e0) AS d, json_object() AS e;
-- Lists and texts at their edges.
SELECT list_sort(list_distinct(x)) AS a FROM (VALUES ([1, NULL, 1, 2]), ([NULL]), (NULL)) AS t (x);
SELECT string_to_array('', ' ') AS a, string_to_array('a b', ' ') AS b, string_to_array(NULL, ' ') AS c;
SELECT regexp_replace('xsx', 's', '\\') AS a, regexp_replace('xsx', '(s)', '<\1>') AS b, regexp_replace('xsx', 's', '$1\\n') AS c;
SELECT CAST({'a': 1, 'b': 'x', 'c': [1, NULL]} AS VARCHAR) AS a, CAST({'a': id, 't': TIMESTAMP '2026-01-01 10:00:00', 'n': NULL} AS VARCHAR) AS b FROM c.few ORDER BY id;
SELECT CAST([NULL] AS VARCHAR) AS a, CAST([NULL, NULL] AS VARCHAR) AS b, CAST({'n': NULL} AS VARCHAR) AS c;
