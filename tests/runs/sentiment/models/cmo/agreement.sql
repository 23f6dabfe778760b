-- By set of texts: rows that people call good or bad, rows that got a score, and how many of
-- those agree in sign. A score of exactly 0 agrees with no rating.
WITH judged AS (
    SELECT 'hotel reviews' AS texts, CAST(label AS DOUBLE) AS truth, sentiment(text) AS score
    FROM raw.hotels
    WHERE label <> 0
    UNION ALL
    SELECT 'tweets', human_mean_valence, sentiment(text)
    FROM raw.snippets
    WHERE "set" = 'tweets'
)
SELECT texts, count(*) AS texts_judged, count(score) AS covered,
       count(CASE WHEN score * truth > 0 THEN 1 END) AS agreed
FROM judged
GROUP BY texts
