-- Texts that name a lot and that no purchase stands behind, one row a topic and lot. Anybody can
-- write them, so they count for no rate and no verdict; they stand here beside what is traced.
-- Enough of them raise a question for a person, whatever their marks say.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column finished_lot: The lot that they name.
-- @column texts: Texts that name it, repetitions of one author among them.
-- @column authors: Authors of these texts.
-- @column new_authors: Authors who had written nothing until a week before.
-- @column wordings: Texts that differ in more than digits and marks.
-- @column first_on: The day of the first of them.
-- @column last_on: The day of the last of them.
-- @column traced_complaints: Complaints about the lot that a purchase or store staff stand behind.
-- @column marks: What looks arranged: few authors, new accounts, like texts, within a week.
-- @column needs_a_person: Whether a person should look: there are $min_complaints of them or more.
-- @column reason: The same in one sentence.
WITH
first_texts AS (
  SELECT person, min(created_on) AS first_on
  FROM staging.interactions
  WHERE by_people
  GROUP BY person
),
unverified_texts AS (
  SELECT
    c.topic,
    c.severity,
    c.named_lot AS finished_lot,
    c.interaction_id,
    c.person,
    CASE WHEN days_between(f.first_on, c.created_on) <= 7 THEN c.person END AS new_person,
    c.created_on,
    regexp_replace(lower(i.text), '[^\p{L}]', '', 'g') AS words
  FROM staging.complaints AS c
  JOIN staging.interactions AS i ON i.interaction_id = c.interaction_id
  JOIN first_texts AS f ON f.person = c.person
  WHERE c.link = 'lot in the text' AND coalesce(c.because, '') <> 'a positive review'
),
lot_texts AS (
  SELECT
    topic,
    severity,
    finished_lot,
    count(DISTINCT interaction_id) AS texts,
    count(DISTINCT person) AS authors,
    count(DISTINCT new_person) AS new_authors,
    count(DISTINCT words) AS wordings,
    min(created_on) AS first_on,
    max(created_on) AS last_on
  FROM unverified_texts
  GROUP BY topic, severity, finished_lot
),
traced_complaints AS (
  SELECT topic, finished_lot, count(*) AS complaints
  FROM staging.complaints
  WHERE family IS NOT NULL
  GROUP BY topic, finished_lot
),
-- Two or three texts are like each other by chance.
marked_texts AS (
  SELECT
    *,
    CASE
      WHEN texts < $min_complaints THEN ''
      ELSE concat_ws(
        ', ',
        CASE WHEN 2 * authors <= texts THEN 'few authors' END,
        CASE WHEN 10 * new_authors >= 9 * authors THEN 'new accounts' END,
        CASE WHEN 2 * wordings <= texts THEN 'like texts' END,
        CASE WHEN days_between(first_on, last_on) <= 7 THEN 'within a week' END
      )
    END AS marks
  FROM lot_texts
)
SELECT
  m.topic,
  m.severity,
  m.finished_lot,
  m.texts,
  m.authors,
  m.new_authors,
  m.wordings,
  m.first_on,
  m.last_on,
  coalesce(t.complaints, 0) AS traced_complaints,
  nullif(m.marks, '') AS marks,
  m.texts >= $min_complaints AS needs_a_person,
  concat(
    m.texts,
    CASE
      WHEN m.texts = 1 THEN ' unverified text names'
      ELSE ' unverified texts name'
    END,
    ' this lot, beside ',
    coalesce(t.complaints, 0),
    ' traced',
    CASE WHEN m.marks <> '' THEN ' (' || m.marks || ')' END,
    '.'
  ) AS reason
FROM marked_texts AS m
LEFT JOIN
  traced_complaints AS t ON t.topic = m.topic
  AND t.finished_lot = m.finished_lot
