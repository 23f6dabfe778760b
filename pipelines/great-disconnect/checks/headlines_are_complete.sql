-- A placeholder that is still in a sentence has no value: seeds/headlines.csv names what
-- ceo.headlines does not give.
SELECT position, language, sentence
FROM ceo.headlines
WHERE strpos(sentence, '{') > 0
