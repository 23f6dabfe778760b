-- What customers have begun to say: words and phrases that stand in more texts of the last eight
-- weeks than of the half year before, whatever the topics are, by language. Copies of a text count
-- once. q_value is the false discovery rate over all terms tested; a term is no cause.
-- @column language: The language of the texts.
-- @column term: The word or phrase, in small letters.
-- @column says: The finding in a sentence.
-- @column recent_texts: Texts of the last eight weeks that hold it.
-- @column recent_share: Their share of all texts of these weeks.
-- @column earlier_share: The share of the half year before.
-- @column ratio: The one divided by the other; blank where there were none before.
-- @column q_value: False discovery rate over all terms tested.
-- @column example: The beginning of a recent text that holds it.
WITH
texts AS (
  SELECT
    interactions.text,
    interactions.language,
    interactions.created_on > $as_of - INTERVAL '56 days' AS recent
  FROM staging.interactions
  LEFT JOIN staging.copies ON copies.interaction_id = interactions.interaction_id
  WHERE
    interactions.by_people
    AND interactions.language IS NOT NULL
    AND interactions.created_on > $as_of - INTERVAL '238 days'
    AND interactions.created_on <= $as_of
    AND (copies.first_id IS NULL OR copies.first_id = interactions.interaction_id)
)
SELECT
  segment AS language,
  term,
  concat(
    CASE
      WHEN recent_share < 0.01 THEN 'under 1'
      ELSE CAST(CAST(round(100 * recent_share) AS BIGINT) AS VARCHAR)
    END,
    ' % of texts say "',
    term,
    '", rising'
  ) AS says,
  recent_hits AS recent_texts,
  recent_share,
  earlier_share,
  ratio,
  q_value,
  example
FROM
  rising_terms(
    (SELECT text, language, language AS segment, recent FROM texts),
    limit => 10
  )
ORDER BY segment, q_value, term
