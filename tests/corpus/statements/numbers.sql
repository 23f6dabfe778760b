-- Numbers: edges of integers, decimals, doubles.
-- error
SELECT b + 1 AS x FROM c.extremes;
-- error
SELECT i + CAST(1 AS INT) AS x FROM c.extremes;
-- error
SELECT s + CAST(2 AS SMALLINT) AS x FROM c.extremes;
-- error
SELECT b * 2 AS x FROM c.extremes;
-- error
SELECT -b - 2 AS x FROM c.extremes;
SELECT sum(b) AS x FROM (SELECT b FROM c.extremes UNION ALL SELECT b FROM c.extremes) AS q;
SELECT sum(b) OVER () AS x FROM (SELECT b FROM c.extremes UNION ALL SELECT b FROM c.extremes) AS q;
-- error
SELECT sum(a) AS x FROM c.large;
-- error
SELECT a + a AS x FROM c.large;
-- error
SELECT avg(a) AS x FROM c.large;
-- error
SELECT abs(-b - 1) AS x FROM c.extremes;
-- error
SELECT -(-b - 1) AS x FROM c.extremes;
-- error
SELECT CAST(300 AS TINYINT) AS x;
SELECT TRY_CAST(300 AS TINYINT) AS x;
-- error
SELECT CAST('9223372036854775808' AS BIGINT) AS x;
SELECT CAST(2.5 AS INT) AS a, CAST(3.5 AS INT) AS b, CAST(-2.5 AS INT) AS c, CAST(2.7 AS BIGINT) AS d;
SELECT CAST('12.345' AS DECIMAL(10, 2)) AS a, CAST('12.355' AS DECIMAL(10, 2)) AS b;
-- error
SELECT CAST(12345.6 AS DECIMAL(3, 0)) AS x;
SELECT id, round(x, 2) AS r FROM c.amounts;
SELECT round(2.5) AS a, round(-2.5) AS b, round(0.5) AS c, round(1234.5, -2) AS d;
SELECT ceil(-0.5) AS a, floor(-0.5) AS b, trunc(-1.7) AS c, abs(-3) AS d;
SELECT sign(-2.5) AS a, sign(0) AS b;
SELECT 0.1 + 0.2 = 0.3 AS x;
SELECT 1.10 AS a, 1.0 * 3 AS b, 2.5 + 1 AS c;
SELECT CAST(123456789012345678.89 AS DECIMAL(20, 2)) AS x;
SELECT CAST(10 AS DECIMAL(10, 2)) / CAST(3 AS DECIMAL(10, 2)) AS x;
SELECT CAST(1 AS DECIMAL(10, 2)) / 3 * 3 AS x;
SELECT CAST('1.11' AS DECIMAL(10, 2)) * CAST('1.11' AS DECIMAL(10, 2)) AS x;
-- duckdb: SELECT 7 // 2 AS a, -7 // 2 AS b, 7 % -3 AS c, -7 % 3 AS d
SELECT 7 / 2 AS a, -7 / 2 AS b, 7 % -3 AS c, -7 % 3 AS d;
SELECT 5 / 2.0 AS a, 5 % 2 AS b, power(2, 10) AS c, sqrt(2) AS d, ln(1) AS e;
SELECT mod(5, 3) AS a, mod(-5, 3) AS b, mod(5, -3) AS c, mod(NULL, 2) AS d;
SELECT mod(5.5, 2) AS a, mod(id, 2) AS b FROM c.three;
-- duckdb: SELECT 1 // 3 AS a, 1 * 100 // 3 AS b
SELECT 1 / 3 AS a, 1 * 100 / 3 AS b;
SELECT CAST(1 AS DOUBLE) / 0 AS x;
SELECT id, 10 / nullif(id - 1, 0) AS x FROM c.three;
SELECT id, CASE WHEN id = 1 THEN 0 ELSE 10 % (id - 1) END AS x FROM c.three;
SELECT id FROM c.three WHERE id <> 1 AND 10 % (id - 1) >= 0;
SELECT 5 & 3 AS a, 5 | 3 AS b, 1 << 4 AS c, 16 >> 2 AS d;
SELECT greatest(1, NULL, 3) AS a, least(2, NULL) AS b, greatest('a', 'b') AS c;
SELECT nullif(1, 1) AS a, nullif(1, 2) AS b, coalesce(NULL, NULL, 3) AS c, ifnull(NULL, 1) AS d;
SELECT id FROM c.readings WHERE x > 1;
SELECT id FROM c.readings WHERE x = 1.5;
SELECT id FROM c.readings WHERE x = CAST('NaN' AS DOUBLE);
SELECT id FROM c.readings WHERE x NOT BETWEEN -10 AND 10;
SELECT id FROM c.readings WHERE x <> 1.5;
SELECT id FROM c.readings WHERE NOT (x < 1);
SELECT id FROM c.readings WHERE x IN (0, 1.5);
SELECT id FROM c.readings ORDER BY x NULLS LAST, id;
SELECT id FROM c.readings ORDER BY x DESC NULLS FIRST, id DESC;
SELECT id, isnan(x) AS n FROM c.readings;
SELECT x, count(*) AS n FROM c.readings GROUP BY x;
SELECT id, x * -1 AS y FROM c.readings WHERE id <= 3;
SELECT count(*) AS n FROM c.many WHERE y > 1000000;
SELECT count(*) AS n FROM c.many WHERE y = CAST('NaN' AS DOUBLE);
SELECT id FROM c.digits WHERE s > '10';
SELECT id FROM c.digits WHERE CAST(s AS INT) > 10;
SELECT id FROM c.digits WHERE s IN ('9', '10');
SELECT CAST('1e3' AS DOUBLE) AS a, CAST('  12 ' AS INT) AS b, CAST('-0' AS DOUBLE) AS c;
SELECT TRY_CAST('1,234' AS INT) AS a, TRY_CAST('' AS INT) AS b, TRY_CAST('x' AS DOUBLE) AS c;
-- error
SELECT CAST('abc' AS INT) AS x;
SELECT CAST(true AS INT) AS a, CAST(0 AS BOOLEAN) AS b;
SELECT CAST('yes' AS BOOLEAN) AS a, CAST('t' AS BOOLEAN) AS b, CAST('0' AS BOOLEAN) AS c;
SELECT 9007199254740993 = CAST(9007199254740992 AS DOUBLE) AS x;
SELECT id BETWEEN 2 AND 3 AS a, id NOT BETWEEN 2 AND 3 AS b FROM c.few_null;
SELECT id FROM c.few_null WHERE NOT (id BETWEEN NULL AND 5);
SELECT 3000000000 * 3 AS a, 2147483647 + 1 AS b;
SELECT factorial(5) AS a, gcd(12, 18) AS b, lcm(4, 6) AS c, cbrt(27) AS d;
SELECT round(pi(), 5) AS a, round(degrees(pi()), 3) AS b, round(sin(1), 6) AS c, round(log(100), 3) AS d, round(log2(8), 3) AS e;
SELECT to_hex(255) AS x;
SELECT CAST(1.5 AS DECIMAL) AS x;
SELECT -id AS id FROM c.three ORDER BY id;
SELECT 1 AS a, 2 AS b UNION ALL BY NAME SELECT 3 AS b, 4 AS a;
SELECT CASE id WHEN 1 THEN 'one' WHEN 2 THEN 'two' END AS x FROM c.three;
SELECT CASE NULL WHEN NULL THEN 1 ELSE 2 END AS a, CASE WHEN NULL THEN 1 END AS b;
SELECT (NULL AND FALSE) AS a, (NULL OR TRUE) AS b, NOT CAST(NULL AS BOOLEAN) AS c, (NULL AND TRUE) AS d;
SELECT NULL IS DISTINCT FROM NULL AS a, 1 IS DISTINCT FROM NULL AS b, 1 IS NOT DISTINCT FROM 1 AS c;
SELECT count(*) AS n FROM c.few_null WHERE id = NULL;
-- What no type holds is an error.
SELECT CAST(1 AS BIGINT) << 62 AS a, CAST(8 AS BIGINT) >> 64 AS b, CAST(1 AS BIGINT) >> 70 AS c, CAST(-8 AS BIGINT) >> 1 AS d, CAST(0 AS BIGINT) << 70 AS e;
-- error
SELECT 1 << 70 AS x;
-- error
SELECT CAST(1 AS BIGINT) << 63 AS x;
-- error
SELECT CAST(1 AS BIGINT) << -1 AS x;
SELECT CAST(-8 AS BIGINT) << 1 AS x;
SELECT 2 ^ 3 AS x;
-- error
SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)) + 1 AS x;
-- error
SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)) * 2 AS x;
-- error
SELECT CAST('-99999999999999999999999999999999999999' AS DECIMAL(38, 0)) - 1 AS x;
-- error
SELECT CAST('9999999999999999999' AS DECIMAL(38, 10)) * CAST('9999999999999999999' AS DECIMAL(38, 10)) AS x;
-- error
SELECT CAST('9' AS DECIMAL(38, 37)) * CAST('9' AS DECIMAL(38, 37)) AS x;
SELECT CAST('12345678901234567890123456789012345678' AS DECIMAL(38, 0)) + 1 AS a, CAST('12345678901234567890' AS DECIMAL(38, 2)) * CAST(3 AS DECIMAL(2, 0)) AS b, CAST(NULL AS DECIMAL(38, 0)) + 1 AS c;
SELECT id, CAST(id AS DECIMAL(38, 2)) * 2 + CAST(id AS DECIMAL(38, 2)) AS x FROM c.three;
SELECT f / f AS x, count(*) AS n FROM (VALUES (0e0), (1e0), (CAST('nan' AS DOUBLE)), (CAST('nan' AS DOUBLE))) AS t (f) GROUP BY 1 ORDER BY 1;
SELECT DISTINCT -x AS x FROM (VALUES (0e0), (CAST('nan' AS DOUBLE)), (-CAST('nan' AS DOUBLE))) AS t (x) ORDER BY x;
SELECT CASE round(f) WHEN 0 THEN 'zero' ELSE 'other' END AS a, round(f) IN (0, 1, 2, 3) AS b, nullif(round(f), 0) AS c, f / f = CAST('nan' AS DOUBLE) AS d FROM (VALUES (-0.3e0)) AS t (f);
SELECT rank() OVER (ORDER BY -f) AS r FROM (VALUES (0e0), (-0.0e0)) AS t (f);
SELECT CAST(1e20 AS VARCHAR) AS a, CAST(CAST(1e-7 AS DOUBLE) AS VARCHAR) AS b, CAST(CAST(1.5e300 AS DOUBLE) AS VARCHAR) AS c, CAST(CAST('nan' AS DOUBLE) AS VARCHAR) AS d, CAST(CAST('-inf' AS DOUBLE) AS VARCHAR) AS e, CAST(CAST(1e15 AS DOUBLE) AS VARCHAR) AS f, CAST(CAST(1e16 AS DOUBLE) AS VARCHAR) AS g;
SELECT epoch(TIMESTAMP '2026-01-01 00:00:01.5') AS a, weekofyear(DATE '2027-01-01') AS b, dayofweek(DATE '2026-03-08') AS c, isodow(DATE '2026-03-08') AS d, dayofyear(DATE '2026-03-08') AS e, dayofmonth(DATE '2026-03-08') AS f;
SELECT list_sort([3, NULL, 1]) AS a, list_sort([3, NULL, 1], 'DESC') AS b, list_sort(['b', 'a']) AS c;
SELECT struct_extract({'a': 1}, 'a') AS a;
-- A logarithm or an angle that does not exist is an error.
-- error
SELECT ln(0) AS x;
-- error
SELECT ln(-1) AS x;
-- error
SELECT log10(0) AS x;
-- error
SELECT log2(-8) AS x;
-- error
SELECT acos(2) AS x;
-- error
SELECT asin(-1.5) AS x;
SELECT log(100) AS a, log(2, 8) AS b, log10(1000) AS c, log2(8) AS d, ln(CAST(1 AS DECIMAL(5, 2))) AS e, acos(1) AS f, ln(NULL) AS g;
SELECT ln(nullif(v, 0)) AS x FROM (VALUES (0), (1)) AS t (v) ORDER BY v;
-- Decimals written with an exponent.
SELECT TRY_CAST(x AS DECIMAL(5, 1)) AS a FROM (VALUES ('1e2'), ('-2.5e1'), ('1e9'), ('e2'), ('2.55E-1')) AS t (x);
SELECT CAST('1.5e-1' AS DECIMAL(5, 2)) AS a, CAST(' 12.345e+2 ' AS DECIMAL(8, 1)) AS b;
