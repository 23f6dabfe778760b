-- What each text complains about, by the rules in seeds/topic_rules.csv; one row a text and topic.
-- @column interaction_id: The text.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column severity: How grave the topic is: safety, defect or service.
-- @column part: The word for the part of the product.
-- @column defect: The word for what is wrong with it.
-- @column snippet: The words in which the topic was found.
SELECT interaction_id, topic, severity, part, defect, snippet
FROM
  topics(
    (SELECT interaction_id, text, language FROM staging.interactions),
    rules => (SELECT * FROM seeds.topic_rules)
  )
