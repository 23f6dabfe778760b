-- What each text complains about, by the rules in seeds/topic_rules.csv; one row a text and topic.
SELECT interaction_id, topic, severity, part, defect, snippet
FROM
  topics(
    (SELECT interaction_id, text, language FROM staging.interactions),
    rules => (SELECT * FROM seeds.topic_rules)
  )
