-- What a run ends with: sentences for a manager in each language of seeds/headlines.csv, each with
-- the query that shows the rows behind it. A suspect is called a suspect: a cause is confirmed by a
-- person, not by a rate.
--
-- A sentence is made of the parts whose condition holds; `{name}` in a part is replaced by the
-- value of that name. Incidents come first (positions 10 to 13, 20 to 23 and so on, by rank), then
-- doubts, then what is urgent.
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
    r.contacted
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
        CASE WHEN confirmed_by IS NOT NULL THEN 'confirmed' ELSE 'not confirmed' END,
        CASE
          WHEN lots > 0
          AND in_stock IS NOT NULL THEN 'stock counted'
          WHEN lots > 0 THEN 'stock not counted'
        END,
        CASE WHEN writable IS NOT NULL THEN 'buyers known' END,
        CASE WHEN cause_on IS NOT NULL AND buyers > 0 THEN 'cause could be known' END
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
        named_struct('name', 'ratio', 'value', CAST(round(rate_ratio, 1) AS VARCHAR)),
        named_struct('name', 'ratio_low', 'value', CAST(round(rate_ratio_low, 1) AS VARCHAR)),
        named_struct('name', 'ratio_high', 'value', CAST(round(rate_ratio_high, 1) AS VARCHAR)),
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
        named_struct('name', 'buyers', 'value', CAST(buyers AS VARCHAR))
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
placeholders AS (
  SELECT
    place,
    CAST(NULL AS VARCHAR) AS language,
    pair['name'] AS name,
    pair['value'] AS value
  FROM named_values
  UNION ALL
  SELECT w.place, t.language, 'topic', t.words
  FROM suspect_words AS w
  JOIN seeds.topic_names AS t ON t.topic = w.topic
  UNION ALL
  SELECT w.place, k.language, 'kind', k.words
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
    CASE WHEN nth > 0 THEN split_part(piece, '}', 1) END AS name,
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
      concat(coalesce(v.value, '{' || p.name || '}'), p.tail),
      ''
      ORDER BY p.part, p.nth
    ) AS sentence
  FROM conditions AS c
  JOIN named_pieces AS p ON p.about = c.about AND p.condition = c.condition
  LEFT JOIN
    placeholders AS v ON v.place = c.place
    AND v.name = p.name
    AND coalesce(v.language, p.language) = p.language
  GROUP BY c.place, p.about, p.position, p.language
)
SELECT
  CAST(s.place + s.position AS BIGINT) AS position,
  s.language,
  s.sentence,
  q.query
FROM sentences AS s
LEFT JOIN seeds.headline_queries AS q ON q.about = s.about AND q.position = s.position
