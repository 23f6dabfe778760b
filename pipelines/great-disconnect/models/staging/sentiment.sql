-- How glad each text sounds, from -1 to 1; null where no word of it was understood.
SELECT interaction_id, sentiment(text, language) AS sentiment
FROM staging.interactions
