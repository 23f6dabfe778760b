-- What a run ends with: sentences for a manager in each language of seeds/headlines.csv, each with
-- the query that shows the rows behind it. A suspect is called a suspect: a cause is confirmed by a
-- person, not by a rate.
--
-- A sentence is made of the parts whose condition holds; `{name}` in a part is replaced by the
-- value of that name, written as the language writes numbers and days, and `{name?one|many}` by
-- the first word where the value is 1 and by the second otherwise. Incidents come first (positions
-- 10 to 13, 20 to 23 and so on, by rank), then doubts, then what is urgent.
-- @column position: The order of the sentences.
-- @column language: The language of the sentence.
-- @column sentence: What was found.
-- @column query: The query that shows the rows behind it; blank without one.
WITH
message_counts AS (
  SELECT incident, count(*) FILTER (WHERE decision <> 'suppress') AS writable
  FROM outreach.messages
  GROUP BY incident
),
notice_counts AS (
  SELECT incident, sum(units) AS unreachable_units
  FROM outreach.public_notice
  GROUP BY incident
),
incidents AS (
  SELECT
    i.*,
    10 * row_number() OVER (ORDER BY s.rank) AS place,
    m.writable,
    coalesce(n.unreachable_units, 0) AS unreachable_units,
    r.cause_on,
    r.days_since_cause,
    r.buyers,
    r.contacted,
    r.answered,
    r.units AS affected_units,
    r.units_back,
    CASE
      WHEN i.suspect_kind = 'carrier_month' THEN regexp_replace(i.suspect, ' [^ ]*$', '')
    END AS carrier,
    CASE
      WHEN i.suspect_kind = 'carrier_month' THEN regexp_extract(i.suspect, '[0-9]{4}-[0-9]{2}$')
    END AS month
  FROM ceo.incident AS i
  JOIN
    ceo.suspects AS s ON s.topic = i.topic
    AND s.suspect_kind = i.suspect_kind
    AND s.suspect = i.suspect
  LEFT JOIN message_counts AS m ON m.incident = i.incident
  LEFT JOIN notice_counts AS n ON n.incident = i.incident
  LEFT JOIN ceo.response_times AS r ON r.incident = i.incident
),
-- A change has the units of its period, which is named already.
doubts AS (
  SELECT
    1000 + row_number() OVER (ORDER BY rank) AS place,
    topic,
    suspect_kind,
    suspect,
    complaints,
    shipped
  FROM ceo.suspects
  WHERE verdict = 'suspect, needs a person' AND suspect_kind <> 'material_change'
  ORDER BY rank
  LIMIT 3
),
-- Never a suspicion: what anybody can write is a question for a person.
unverified AS (
  SELECT
    1500 + row_number() OVER (ORDER BY texts DESC, topic, finished_lot) AS place,
    topic,
    'finished_lot' AS suspect_kind,
    finished_lot AS suspect,
    texts,
    authors
  FROM ceo.unverified
  WHERE needs_a_person
  ORDER BY place
  LIMIT 3
),
deadlines AS (
  SELECT
    2000 AS place,
    count(*) AS tickets,
    count(*) FILTER (WHERE escalate <> 'soon') AS urgent_tickets
  FROM coo.escalations
),
conditions AS (
  SELECT
    place,
    'incident' AS about,
    unnest(
      make_array(
        CASE
          WHEN month <> '' THEN 'carrier month'
          WHEN suspect_kind <> 'supplier_period'
          OR supplier IS NULL THEN 'no period'
          WHEN change_id IS NOT NULL THEN 'change known'
          ELSE 'no change known'
        END,
        concat(
          CASE WHEN suspect_kind IN ('carrier', 'carrier_month') THEN 'parcels, ' END,
          CASE WHEN rate_ratio IS NULL THEN 'no ' END,
          'complaints elsewhere'
        ),
        CASE WHEN rivals IS NOT NULL THEN 'cannot be distinguished' END,
        CASE WHEN confirmed_by IS NOT NULL THEN 'confirmed' ELSE 'not confirmed' END,
        CASE
          WHEN lots > 0
          AND in_stock IS NOT NULL THEN 'stock counted'
          WHEN lots > 0 THEN 'stock not counted'
        END,
        CASE WHEN writable IS NOT NULL THEN 'buyers known' END,
        CASE WHEN cause_on IS NOT NULL AND buyers > 0 THEN 'cause could be known' END,
        CASE
          WHEN cause_on IS NULL
          OR buyers = 0 THEN NULL
          WHEN contacted > 0 THEN 'buyers informed'
          ELSE 'no buyer informed'
        END
      )
    ) AS condition
  FROM incidents
  UNION ALL
  SELECT place, 'doubt', 'always'
  FROM doubts
  UNION ALL
  SELECT place, 'unverified', 'always'
  FROM unverified
  UNION ALL
  SELECT place, 'deadlines', 'always'
  FROM deadlines
  WHERE urgent_tickets > 0
  UNION ALL
  SELECT 1, 'nothing found', 'always'
  WHERE
    NOT EXISTS (
      SELECT 1
      FROM ceo.suspects
      WHERE verdict IN ('confirmed cause', 'leading suspect', 'suspect, needs a person')
    )
),
suspect_words AS (
  SELECT place, topic, suspect_kind
  FROM incidents
  UNION ALL
  SELECT place, topic, suspect_kind
  FROM doubts
  UNION ALL
  SELECT place, topic, suspect_kind
  FROM unverified
),
named_values AS (
  SELECT
    place,
    unnest(
      make_array(
        named_struct('name', 'suspect', 'value', suspect),
        named_struct('name', 'supplier', 'value', supplier),
        named_struct('name', 'material', 'value', material),
        named_struct('name', 'change_id', 'value', change_id),
        named_struct('name', 'days_after', 'value', CAST(days_after_change AS VARCHAR)),
        named_struct('name', 'first_received_on', 'value', CAST(first_received_on AS VARCHAR)),
        named_struct('name', 'last_received_on', 'value', CAST(last_received_on AS VARCHAR)),
        named_struct('name', 'complaints', 'value', CAST(complaints AS VARCHAR)),
        named_struct('name', 'units', 'value', CAST(CAST(shipped AS BIGINT) AS VARCHAR)),
        named_struct('name', 'ratio', 'value', CAST(CAST(rate_ratio AS DECIMAL(18, 1)) AS VARCHAR)),
        named_struct(
          'name',
          'ratio_low',
          'value',
          CAST(CAST(rate_ratio_low AS DECIMAL(18, 1)) AS VARCHAR)
        ),
        named_struct(
          'name',
          'ratio_high',
          'value',
          CAST(CAST(rate_ratio_high AS DECIMAL(18, 1)) AS VARCHAR)
        ),
        named_struct('name', 'confirmed_by', 'value', confirmed_by),
        named_struct('name', 'confirmed_on', 'value', CAST(confirmed_on AS VARCHAR)),
        named_struct('name', 'lots', 'value', CAST(lots AS VARCHAR)),
        named_struct('name', 'in_stock', 'value', CAST(in_stock AS VARCHAR)),
        named_struct('name', 'sold', 'value', CAST(sold AS VARCHAR)),
        named_struct(
          'name',
          'exposure_eur',
          'value',
          CAST(CAST(round(exposure_eur) AS BIGINT) AS VARCHAR)
        ),
        named_struct('name', 'writable', 'value', CAST(writable AS VARCHAR)),
        named_struct('name', 'unreachable_units', 'value', CAST(unreachable_units AS VARCHAR)),
        named_struct('name', 'cause_on', 'value', CAST(cause_on AS VARCHAR)),
        named_struct('name', 'days_since_cause', 'value', CAST(days_since_cause AS VARCHAR)),
        named_struct('name', 'contacted', 'value', CAST(contacted AS VARCHAR)),
        named_struct('name', 'buyers', 'value', CAST(buyers AS VARCHAR)),
        named_struct('name', 'answered', 'value', CAST(answered AS VARCHAR)),
        named_struct('name', 'affected_units', 'value', CAST(affected_units AS VARCHAR)),
        named_struct('name', 'units_back', 'value', CAST(units_back AS VARCHAR)),
        named_struct('name', 'carrier', 'value', carrier),
        named_struct('name', 'month', 'value', month),
        named_struct('name', 'rivals', 'value', rivals)
      )
    ) AS pair
  FROM incidents
  UNION ALL
  SELECT
    place,
    unnest(
      make_array(
        named_struct('name', 'suspect', 'value', suspect),
        named_struct('name', 'complaints', 'value', CAST(complaints AS VARCHAR)),
        named_struct('name', 'units', 'value', CAST(CAST(shipped AS BIGINT) AS VARCHAR))
      )
    )
  FROM doubts
  UNION ALL
  SELECT
    place,
    unnest(
      make_array(
        named_struct('name', 'suspect', 'value', suspect),
        named_struct('name', 'texts', 'value', CAST(texts AS VARCHAR)),
        named_struct('name', 'authors', 'value', CAST(authors AS VARCHAR))
      )
    )
  FROM unverified
  UNION ALL
  SELECT
    place,
    unnest(
      make_array(
        named_struct('name', 'tickets', 'value', CAST(tickets AS VARCHAR)),
        named_struct('name', 'urgent_tickets', 'value', CAST(urgent_tickets AS VARCHAR)),
        named_struct('name', 'escalate_days', 'value', CAST($escalate_days AS VARCHAR))
      )
    )
  FROM deadlines
),
-- A whole number in groups of three, a decimal number, a day and a month as each language has them.
numbers AS (
  SELECT
    place,
    pair['name'] AS name,
    pair['value'] AS value,
    pair['value'] ~ '^[0-9]+$'
    AND pair['name'] NOT IN ('suspect', 'supplier', 'material', 'change_id') AS whole,
    pair['value'] ~ '^[0-9]+[.][0-9]$' AS decimal,
    CASE
      WHEN pair['value'] ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN CAST(pair['value'] AS DATE)
    END AS day,
    CASE
      WHEN pair['value'] ~ '^[0-9]{4}-[0-9]{2}$' THEN CAST(pair['value'] || '-01' AS DATE)
    END AS month
  FROM named_values
),
placeholders AS (
  SELECT
    n.place,
    l.language,
    n.name,
    CASE
      WHEN n.whole THEN reverse(
        rtrim(
          regexp_replace(
            reverse(n.value),
            '([0-9]{3})',
            CASE l.language WHEN 'de' THEN '\1.' ELSE '\1,' END,
            'g'
          ),
          '.,'
        )
      )
      WHEN n.decimal
      AND l.language = 'de' THEN replace (n.value, '.', ',')
      WHEN n.day IS NOT NULL
      AND l.language = 'de' THEN strftime(n.day, '%-d.%-m.%Y')
      WHEN n.day IS NOT NULL
      AND l.language = 'ja' THEN strftime(n.day, '%Y年%-m月%-d日')
      WHEN n.month IS NOT NULL
      AND l.language = 'de' THEN concat(
        make_array(
          'Januar',
          'Februar',
          'März',
          'April',
          'Mai',
          'Juni',
          'Juli',
          'August',
          'September',
          'Oktober',
          'November',
          'Dezember'
        )[month (n.month)],
        strftime(n.month, ' %Y')
      )
      WHEN n.month IS NOT NULL
      AND l.language = 'ja' THEN strftime(n.month, '%Y年%-m月')
      WHEN n.month IS NOT NULL THEN strftime(n.month, '%B %Y')
      ELSE n.value
    END AS value
  FROM numbers AS n
  CROSS JOIN (SELECT DISTINCT language FROM seeds.headlines) AS l
  UNION ALL
  SELECT w.place, t.language, 'topic', t.words
  FROM suspect_words AS w
  JOIN seeds.topic_names AS t ON t.topic = w.topic
  UNION ALL
  SELECT w.place, k.language, 'kind', k.words
  FROM suspect_words AS w
  JOIN seeds.suspect_names AS k ON k.suspect_kind = w.suspect_kind
  UNION ALL
  SELECT w.place, k.language, 'led_to', k.led_to
  FROM suspect_words AS w
  JOIN seeds.suspect_names AS k ON k.suspect_kind = w.suspect_kind
),
-- A part cut before each `{`: every piece but the first begins with the name of a placeholder.
cut_parts AS (SELECT *, string_to_array(text, '{') AS pieces FROM seeds.headlines),
pieces AS (
  SELECT
    about,
    position,
    part,
    condition,
    language,
    unnest(pieces) AS piece,
    unnest(range (0, array_length(pieces))) AS nth
  FROM cut_parts
),
named_pieces AS (
  SELECT
    about,
    position,
    part,
    condition,
    language,
    nth,
    CASE WHEN nth > 0 THEN split_part(split_part(piece, '}', 1), '?', 1) END AS name,
    CASE WHEN nth > 0 THEN split_part(split_part(piece, '}', 1), '?', 2) END AS forms,
    substr(piece, strpos(piece, '}') + 1) AS tail
  FROM pieces
),
sentences AS (
  SELECT
    c.place,
    p.about,
    p.position,
    p.language,
    string_agg(
      concat(
        CASE
          WHEN v.value IS NULL THEN '{' || p.name || '}'
          WHEN p.forms = '' THEN v.value
          WHEN v.value = '1' THEN split_part(p.forms, '|', 1)
          ELSE split_part(p.forms, '|', 2)
        END,
        p.tail
      ),
      ''
      ORDER BY p.part, p.nth
    ) AS sentence
  FROM conditions AS c
  JOIN named_pieces AS p ON p.about = c.about AND p.condition = c.condition
  LEFT JOIN
    placeholders AS v ON v.place = c.place
    AND v.name = p.name
    AND v.language = p.language
  GROUP BY c.place, p.about, p.position, p.language
)
SELECT
  CAST(s.place + s.position AS BIGINT) AS position,
  s.language,
  s.sentence,
  q.query
FROM sentences AS s
LEFT JOIN seeds.headline_queries AS q ON q.about = s.about AND q.position = s.position
