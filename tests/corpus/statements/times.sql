-- Dates, times, intervals.
SELECT id, CAST(date_trunc('week', d) AS DATE) AS a, CAST(date_trunc('quarter', d) AS DATE) AS b, CAST(date_trunc('year', d) AS DATE) AS c FROM c.days;
-- error
SELECT date_trunc('dya', d) AS x FROM c.days;
SELECT id, CAST(d + INTERVAL '1 month' AS DATE) AS a, CAST(d - INTERVAL '1 month' AS DATE) AS b, CAST(d + INTERVAL '1 year' AS DATE) AS c FROM c.days;
SELECT DATE '2024-03-01' - DATE '2024-02-01' AS a, DATE '2024-03-01' + 1 AS b, DATE '2024-03-01' - 1 AS c;
SELECT id, extract(dow FROM d) AS a, extract(isodow FROM d) AS b, extract(week FROM d) AS c, extract(doy FROM d) AS e FROM c.days;
SELECT id, extract(isoyear FROM d) AS a, extract(quarter FROM d) AS b, date_part('month', d) AS c FROM c.days;
SELECT id, extract(hour FROM seen) AS a, extract(minute FROM seen) AS b, CAST(seen AS DATE) AS c FROM c.moments;
SELECT id, extract(epoch FROM seen) AS a FROM c.moments;
SELECT id, date_trunc('hour', seen) AS a, date_trunc('minute', seen) AS b FROM c.moments;
SELECT id FROM c.moments WHERE seen >= '2026-01-01';
SELECT id FROM c.moments WHERE seen = '2024-02-29T23:59:59';
SELECT count(*) AS n FROM c.moments WHERE CAST(seen AS DATE) = DATE '2024-02-29';
-- duckdb: SELECT id FROM c.moments WHERE CAST(seen AS TIMESTAMP) < DATE '9999-12-31'
SELECT id FROM c.moments WHERE seen < DATE '9999-12-31';
SELECT id FROM c.days WHERE d < DATE '9999-12-31' AND d >= DATE '1600-01-01';
SELECT TIMESTAMP '9999-12-31 00:00:00' AS a, TIMESTAMP '1600-01-01 00:00:00' AS b;
SELECT CAST(DATE '9999-12-31' AS TIMESTAMP) AS a, DATE '9999-12-31' > TIMESTAMP '2026-01-01 00:00:00' AS b;
SELECT CAST('2024-01-01 00:00:00.123456' AS TIMESTAMP) AS a, CAST('2024-01-01' AS TIMESTAMP) AS b;
SELECT CAST('2026-03-31T12:00:00Z' AS TIMESTAMP) AS a;
SELECT CAST('2026-03-31T12:00:00+09:00' AS TIMESTAMP) AS a;
SELECT CAST('13:45:00' AS TIME) AS x;
-- error
SELECT CAST('2023-02-30' AS DATE) AS x;
SELECT TRY_CAST('2023-02-30' AS DATE) AS a, TRY_CAST('2023-2-3' AS DATE) AS b;
SELECT datediff('day', DATE '2024-02-01', DATE '2024-03-01') AS a, date_diff('month', DATE '2024-01-31', DATE '2024-02-01') AS b, date_diff('year', DATE '2023-12-31', DATE '2024-01-01') AS c;
SELECT date_diff('week', DATE '2026-03-29', DATE '2026-03-30') AS a, date_diff('quarter', DATE '2026-03-31', DATE '2026-04-01') AS b, date_diff('day', DATE '2026-03-31', DATE '2026-03-01') AS c;
SELECT date_diff('hour', TIMESTAMP '2026-03-29 00:59:59', TIMESTAMP '2026-03-29 01:00:00') AS a, date_diff('minute', TIMESTAMP '2026-03-29 01:00:00', TIMESTAMP '2026-03-29 00:58:59') AS b;
SELECT date_diff('second', TIMESTAMP '1969-12-31 23:59:59.5', TIMESTAMP '1970-01-01 00:00:00') AS a, date_diff('millisecond', TIMESTAMP '1969-12-31 23:59:59.5', TIMESTAMP '1970-01-01 00:00:00') AS b;
SELECT id, date_diff('month', d, DATE '2026-03-31') AS a, date_diff('week', d, DATE '2026-03-31') AS b, date_diff('decade', d, DATE '2026-03-31') AS c FROM c.days;
SELECT id, date_diff('day', seen, TIMESTAMP '2026-03-29 01:00:00') AS a FROM c.moments;
SELECT date_sub('month', DATE '2024-01-31', DATE '2024-02-29') AS a, date_sub('month', DATE '2024-01-30', DATE '2024-03-30') AS b, date_sub('year', DATE '2024-02-29', DATE '2025-02-28') AS c;
SELECT date_sub('day', TIMESTAMP '2026-01-01 12:00:00', TIMESTAMP '2026-01-03 11:00:00') AS a, date_sub('hour', TIMESTAMP '2026-01-01 12:30:00', TIMESTAMP '2026-01-01 11:00:00') AS b, date_sub('month', DATE '2024-03-31', DATE '2024-02-29') AS c;
SELECT CAST(date_add(DATE '2024-01-31', INTERVAL '1 month') AS DATE) AS a, date_add(TIMESTAMP '2024-01-31 10:00:00', INTERVAL '2 hours') AS b;
SELECT id, last_day(d) AS x FROM c.days;
SELECT last_day(DATE '2023-02-10') AS a, last_day(TIMESTAMP '2024-02-10 23:00:00') AS b, last_day(DATE '2024-12-31') AS c;
SELECT date_part('month', age(DATE '2024-03-15', DATE '2024-01-01')) AS a, date_part('day', age(DATE '2024-03-15', DATE '2024-01-01')) AS b, date_part('year', age(DATE '2024-03-15', DATE '2020-02-29')) AS c;
SELECT date_part('month', age(DATE '2024-01-31', DATE '2024-02-29')) AS a, date_part('day', age(DATE '2024-01-31', DATE '2024-02-29')) AS b;
SELECT id, date_part('year', age(DATE '2026-03-31', d)) AS y, date_part('month', age(DATE '2026-03-31', d)) AS m, date_part('day', age(DATE '2026-03-31', d)) AS t FROM c.days;
SELECT strftime(DATE '2025-12-31', '%Y%m') AS a, strftime(TIMESTAMP '2025-02-03 04:05:06', '%d.%m.%y %H:%M:%S') AS b;
SELECT strftime(TIMESTAMP '2025-02-03 14:05:06.789', '%a %A %b %B %j %I %p %f %g') AS a, strftime(DATE '2027-01-01', '%G-W%V-%u %U %W %w') AS b;
SELECT strftime(TIMESTAMP '2025-02-03 04:05:06', '%-d.%-m. %-H %-I %-M %-S %%') AS a, strftime(CAST(NULL AS DATE), '%Y') AS b;
SELECT strftime(TIMESTAMP '2025-02-03 04:05:06', '%c|%x|%X') AS a;
SELECT id, strftime(d, '%Y年%m月%d日') AS x FROM c.days;
-- error
SELECT strftime(DATE '2025-12-31', '%Q') AS x;
SELECT strptime('31.12.2025 23:59', '%d.%m.%Y %H:%M') AS a, strptime('2025年2月3日', '%Y年%-m月%-d日') AS b, strptime('20260331', '%Y%m%d') AS c;
SELECT strptime('1 Feb 25', '%d %b %y') AS a, strptime('11:30 PM 2025-01-01', '%I:%M %p %Y-%m-%d') AS b, strptime('2025-01-01 00:00:00.25', '%Y-%m-%d %H:%M:%S.%f') AS c;
-- error
SELECT strptime('31.02.2025', '%d.%m.%Y') AS x;
SELECT try_strptime('31.02.2025', '%d.%m.%Y') AS a, try_strptime('nonsense', '%Y') AS b, try_strptime('2025', '%Y') AS c;
-- duckdb: SELECT CAST(strptime('31.12.2025', '%d.%m.%Y') AS DATE) AS x
SELECT to_date('31.12.2025', '%d.%m.%Y') AS x;
-- duckdb: SELECT strftime(DATE '2025-12-31', '%Y%m') AS x
SELECT to_char(DATE '2025-12-31', '%Y%m') AS x;
SELECT make_date(2024, 2, 29) AS x;
SELECT extract(day FROM (TIMESTAMP '2024-03-01 00:00:00' - TIMESTAMP '2024-02-01 00:00:00')) AS x;
SELECT DATE '2024-01-31' + INTERVAL '1 month' + INTERVAL '1 month' = DATE '2024-03-29' AS a;
SELECT DATE '2020-02-29' + INTERVAL '1 year' = DATE '2021-02-28' AS a, DATE '2024-01-01' + INTERVAL '1 day' = '2024-01-02' AS b;
SELECT INTERVAL '1 month' > INTERVAL '29 days' AS x;
SELECT d FROM c.days ORDER BY d NULLS LAST;
SELECT extract(year FROM d) AS y, count(*) AS n FROM c.days GROUP BY 1;
SELECT dayname(DATE '2026-03-31') AS a, monthname(DATE '2026-03-31') AS b;
SELECT year(DATE '2026-03-31') AS a, month(DATE '2026-03-31') AS b, day(DATE '2026-03-31') AS c, week(DATE '2026-03-31') AS e, quarter(DATE '2026-03-31') AS f;
-- duckdb: SELECT count(*) AS n FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL '1 day')
SELECT count(*) AS n FROM generate_series(DATE '2024-01-01', DATE '2024-12-31', INTERVAL '1 day');
-- duckdb: SELECT CAST(unnest AS DATE) AS d FROM unnest(generate_series(DATE '2024-01-31', DATE '2024-05-31', INTERVAL '1 month'))
SELECT CAST(value AS DATE) AS d FROM generate_series(DATE '2024-01-31', DATE '2024-05-31', INTERVAL '1 month');
-- duckdb: SELECT range AS n FROM range(2, 6)
SELECT value AS n FROM range(2, 6);
SELECT n FROM generate_series(1, 3) AS t (n);
SELECT n FROM range(10, 0, -4) AS t (n);
SELECT CAST(unnest(generate_series(DATE '2024-01-01', DATE '2024-04-01', INTERVAL '1 month')) AS DATE) AS d;
SELECT unnest(range(1, 4)) AS n;
SELECT s.n, count(p.id) AS c FROM generate_series(1, 4) AS s (n) LEFT JOIN c.sales AS p ON p.shop = s.n GROUP BY s.n;
SELECT day, n FROM (SELECT CAST(v AS DATE) AS day FROM generate_series(DATE '2026-02-27', DATE '2026-03-01', INTERVAL '1 day') AS t (v)) AS s LEFT JOIN (SELECT day AS sold, count(*) AS n FROM c.sales GROUP BY day) AS p ON p.sold = s.day ORDER BY day;
SELECT CAST(now() AS DATE) = current_date AS x;
SELECT now() = now() AS x;
-- Intervals are compared by their lengths.
SELECT INTERVAL '25 hours' > INTERVAL '1 day' AS a, INTERVAL '31 days' > INTERVAL '1 month' AS b, INTERVAL '24 hours' = INTERVAL '1 day' AS c, INTERVAL '1 month' = INTERVAL '30 days' AS d, INTERVAL '1 year' <> INTERVAL '360 days' AS e;
SELECT id FROM c.moments WHERE seen - TIMESTAMP '2026-01-01 00:00:00' > INTERVAL '2 days';
SELECT id FROM c.moments WHERE seen - TIMESTAMP '2026-01-01 00:00:00' < INTERVAL '2 days';
SELECT id FROM c.moments WHERE seen - TIMESTAMP '2026-01-01 00:00:00' BETWEEN INTERVAL '2 days' AND INTERVAL '1 year';
SELECT INTERVAL '24 hours' IN (INTERVAL '1 day') AS a, INTERVAL '25 hours' NOT IN (INTERVAL '1 day', NULL) AS b, CASE INTERVAL '24 hours' WHEN INTERVAL '1 day' THEN 1 ELSE 0 END AS c, INTERVAL '24 hours' IS DISTINCT FROM INTERVAL '1 day' AS d;
SELECT id FROM (VALUES (1, INTERVAL '25 hours'), (2, INTERVAL '1 day'), (3, INTERVAL '1 month'), (4, INTERVAL '31 days'), (5, NULL)) AS v (id, i) ORDER BY i DESC NULLS LAST;
SELECT id, rank() OVER (ORDER BY i) AS r, count(*) OVER (PARTITION BY i) AS n FROM (VALUES (1, INTERVAL '25 hours'), (2, INTERVAL '1 day'), (3, INTERVAL '24 hours'), (4, INTERVAL '31 days')) AS v (id, i);
SELECT array_agg(id ORDER BY i, id) AS x FROM (VALUES (1, INTERVAL '25 hours'), (2, INTERVAL '1 day'), (3, INTERVAL '24 hours')) AS v (id, i);
SELECT a.id AS a, b.id AS b FROM (VALUES (1, INTERVAL '24 hours'), (2, INTERVAL '1 month')) AS a (id, i) JOIN (VALUES (1, INTERVAL '1 day'), (2, INTERVAL '30 days')) AS b (id, i) ON a.i = b.i;
SELECT extract(epoch FROM max(i)) AS x FROM (VALUES (INTERVAL '25 hours'), (INTERVAL '1 day')) AS v (i);
SELECT count(*) AS n FROM (SELECT DISTINCT i FROM (VALUES (INTERVAL '24 hours'), (INTERVAL '1 day')) AS v (i)) AS d;
SELECT max(extract(epoch FROM i)) AS x FROM (VALUES (INTERVAL '25 hours'), (INTERVAL '1 day')) AS v (i);
SELECT seen + INTERVAL '1 month' AS a, seen - INTERVAL '1 day' AS b FROM c.moments ORDER BY id;
SELECT CAST('2026-03-29 01:30:00+01:00' AS TIMESTAMPTZ) AT TIME ZONE 'Europe/Berlin' AS t;
SELECT TIMESTAMP '2026-03-29 02:30:00' AT TIME ZONE 'Europe/Berlin' AS t;
SELECT TIMESTAMP '2026-10-25 02:30:00' AT TIME ZONE 'Europe/Berlin' AS t;
SELECT (TIMESTAMP '2026-10-25 00:30:00' AT TIME ZONE 'UTC') AT TIME ZONE 'America/New_York' AS t;
SELECT id, date_trunc('day', (seen AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Berlin') AS d FROM c.moments ORDER BY id;
SELECT date_diff('day', DATE '2026-03-28', DATE '2026-03-30') AS a, date_diff('month', DATE '2026-01-31', DATE '2026-02-01') AS b, date_diff('hour', TIMESTAMP '2026-01-01 23:59:00', TIMESTAMP '2026-01-02 00:01:00') AS c, date_diff('week', DATE '2026-01-04', DATE '2026-01-05') AS d;
SELECT date_sub('month', DATE '2026-01-31', DATE '2026-02-28') AS a;
SELECT extract(isodow FROM DATE '2026-01-04') AS a, extract(dow FROM DATE '2026-01-04') AS b, extract(week FROM DATE '2027-01-01') AS c, extract(isoyear FROM DATE '2027-01-01') AS d, extract(quarter FROM DATE '2027-01-01') AS e, extract(epoch FROM TIMESTAMP '2026-01-01 00:00:00.5') AS f, extract(doy FROM DATE '2024-12-31') AS g;
SELECT DATE '2026-03-31' - DATE '2026-03-01' AS a, DATE '2026-03-31' + 3 AS b, DATE '2026-03-31' - 3 AS c;
SELECT strftime(DATE '2026-03-05', '%d.%m.%y %a %b %j') AS a, strftime(TIMESTAMP '2026-03-05 13:04:05.006', '%I:%M:%S.%f %p') AS b;
SELECT strptime('05.03.2026', '%d.%m.%Y') AS a, strptime('2026/3/5 1:02', '%Y/%m/%d %H:%M') AS b;
SELECT date_part('year', INTERVAL '14 months') AS a, date_part('month', INTERVAL '14 months') AS b, date_part('day', INTERVAL '40 days') AS c;
SELECT CAST('2026-03-29' AS TIMESTAMP) AS a, CAST(TIMESTAMP '2026-03-29 23:59:59' AS DATE) AS b, CAST('2026-03-29 10:00:00' AS DATE) AS c;
SELECT TIME '23:59:59' AS a, CAST(TIMESTAMP '2026-03-29 01:02:03' AS TIME) AS b, TIME '10:00:00' < TIME '11:00:00' AS c;
SELECT DATE '2026-03-29' = TIMESTAMP '2026-03-29 00:00:00' AS a, DATE '2026-03-29' < '2026-03-30' AS b;
SELECT datepart('hour', TIMESTAMP '2026-01-01 05:00:00') AS a, hour(TIMESTAMP '2026-01-01 05:00:00') AS b, year(DATE '2026-01-01') AS c, month(DATE '2026-01-01') AS d, day(DATE '2026-01-01') AS e, minute(TIMESTAMP '2026-01-01 05:07:00') AS f, second(TIMESTAMP '2026-01-01 05:07:09') AS g, quarter(DATE '2026-05-01') AS h;
SELECT id FROM c.moments WHERE seen > '2026-03-29 01:00' ORDER BY id;
SELECT id FROM c.moments WHERE seen > TIMESTAMP '2026-03-29 01:00' ORDER BY id;
SELECT TIMESTAMP '2026-03-29T01:00' AS a, CAST(' 2026-03-29 ' AS DATE) AS b, CAST('2026/03/29' AS DATE) AS c, TRY_CAST('2026/3/9' AS DATE) AS d, TRY_CAST('x' AS DATE) AS e, TRY_CAST('2026-01-05 10:00' AS TIMESTAMP) AS f;
SELECT try_strptime('05/03/69', '%d/%m/%y') AS a, try_strptime('05/03/68', '%d/%m/%y') AS b, try_strptime('2026-03-01 ', '%Y-%m-%d') AS c;
-- What clocks show is read, whatever the offset.
SELECT CAST('2026-01-05 10:00:00+02' AS TIMESTAMP) AS a, TRY_CAST('2026-01-05T10:00:00Z' AS TIMESTAMP) AS b, TIMESTAMP '2026-01-05 10:00:00-03:30' AS c, CAST('2026-01-05 23:00:00-05' AS DATE) AS d;
SELECT TRY_CAST(x AS TIMESTAMP) AS a FROM (VALUES ('2026-12-31 24:00:00'), ('2026-12-31 24:00:01'), ('2026-01-05 10:00:00.5+02:00'), ('2026-01-05 +02')) AS t (x);
SELECT CAST('2026-01-05 10:00:00+02' AS TIMESTAMPTZ) = TIMESTAMPTZ '2026-01-05 08:00:00Z' AS a;
-- An interval times a number, and a date with hours.
SELECT id, d + id * INTERVAL '1 day' AS a, d - INTERVAL (id) MONTH AS b, d + to_hours(id) AS c FROM c.days ORDER BY id;
SELECT DATE '2026-01-01' + INTERVAL '2 hours' AS a, DATE '2026-01-01' - INTERVAL '1 second' AS b, INTERVAL '25 hours' + DATE '2026-01-01' AS c;
SELECT CAST(d + INTERVAL '1 day' AS DATE) AS a, d + INTERVAL '36 hours' AS b FROM c.days WHERE d + INTERVAL '1 hour' > TIMESTAMP '2024-01-31 00:30:00' ORDER BY d;
SELECT CAST(INTERVAL '1 month 2 days 3 hours' * 3 AS VARCHAR) AS a, CAST(to_days(3) AS VARCHAR) AS b, CAST(NULL * INTERVAL '1 day' AS VARCHAR) AS c;
SELECT count(*) AS n, min(t) AS a, max(t) AS b FROM generate_series(TIMESTAMP '2026-03-28', TIMESTAMP '2026-03-30', INTERVAL '1 hour') AS s (t);
SELECT count(*) AS n FROM range(CAST('2026-03-28 01:00:00' AS TIMESTAMP), TIMESTAMP '2026-03-30', INTERVAL '1 day') AS s (t);
