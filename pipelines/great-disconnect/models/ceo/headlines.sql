-- What a run ends with: sentences for a manager, in English and Japanese, each with the query that shows the
-- rows behind it. A suspect is called a suspect: a cause is confirmed by a person, not by a rate.
WITH leading AS (
  SELECT i.*, row_number() OVER (ORDER BY s.rank) AS nth, round(i.rate_ratio, 1) AS times,
         round(i.rate_ratio_low, 1) AS low, round(i.rate_ratio_high, 1) AS high, CAST(i.shipped AS BIGINT) AS units,
         CASE i.suspect_kind WHEN 'carrier' THEN '運送会社' WHEN 'finished_lot' THEN '完成品ロット' WHEN 'supplier' THEN '仕入先'
           WHEN 'supplier_period' THEN '受入時期' WHEN 'region' THEN '地域' WHEN 'product' THEN '製品' WHEN 'plant' THEN '工場' WHEN 'carrier_month' THEN '運送会社と月' ELSE i.suspect_kind END AS kind_ja
  FROM ceo.incident AS i
  JOIN ceo.suspects AS s ON s.suspect = i.suspect AND s.topic = i.topic AND s.suspect_kind = i.suspect_kind
),
doubtful AS (
  SELECT topic, suspect_kind, suspect, complaints, CAST(shipped AS BIGINT) AS units, row_number() OVER (ORDER BY rank) AS nth,
         CASE suspect_kind WHEN 'carrier' THEN '運送会社' WHEN 'finished_lot' THEN '完成品ロット' WHEN 'supplier' THEN '仕入先'
           WHEN 'supplier_period' THEN '受入時期' WHEN 'region' THEN '地域' WHEN 'product' THEN '製品' WHEN 'plant' THEN '工場' WHEN 'carrier_month' THEN '運送会社と月' ELSE suspect_kind END AS kind_ja
  FROM ceo.suspects WHERE verdict = 'suspect, needs a person'
),
people AS (
  SELECT incident, count(*) FILTER (WHERE decision <> 'suppress') AS writable
  FROM outreach.messages GROUP BY incident
),
unnamed AS (
  SELECT incident, sum(units) AS units FROM outreach.public_notice GROUP BY incident
),
lines AS (
  SELECT nth * 10 AS position, 'en' AS language,
         'Complaints about ' || n.words || ' lead to ' || coalesce(l.material || ' from ' || l.supplier || ', received ' ||
           l.first_received_on || ' to ' || l.last_received_on || ' after the change ' || l.change_id, replace(l.suspect_kind, '_', ' ') || ' ' || l.suspect) ||
         ': ' || l.complaints || ' complaints in ' || l.units || ' units, ' || l.times || ' times the rate elsewhere (95 % interval ' ||
         l.low || ' to ' || l.high || '). A suspect until a person confirms it.' AS sentence,
         'SELECT rank, suspect_kind, suspect, complaints, rate_ratio, verdict FROM ceo.suspects ORDER BY rank LIMIT 10' AS query
  FROM leading AS l JOIN seeds.topic_names AS n ON n.topic = l.topic AND n.language = 'en'
  UNION ALL
  SELECT nth * 10, 'ja',
         n.words || 'の苦情をたどると、' || coalesce(l.supplier || 'の' || l.material || '（' || l.first_received_on || '〜' || l.last_received_on ||
           '受入、変更' || l.change_id || '以降）', l.kind_ja || ' ' || l.suspect) || 'に行き着きます。' || l.units || '足中' || l.complaints ||
         '件、ほかの' || l.times || '倍です（95％区間 ' || l.low || '〜' || l.high || '）。人が確認するまでは「疑い」です。',
         'SELECT rank, suspect_kind, suspect, complaints, rate_ratio, verdict FROM ceo.suspects ORDER BY rank LIMIT 10'
  FROM leading AS l JOIN seeds.topic_names AS n ON n.topic = l.topic AND n.language = 'ja'
  UNION ALL
  SELECT nth * 10 + 1, 'en',
         lots || ' finished lots are made of it: hold the ' || in_stock || ' pairs still in stock; ' || sold ||
         ' were sold. Exposure: ' || CAST(round(exposure_eur) AS BIGINT) || ' EUR.',
         'SELECT finished_lot, product, in_stock, stock_by_site, sold, returned, exposure_eur FROM coo.containment'
  FROM leading WHERE in_stock IS NOT NULL
  UNION ALL
  SELECT nth * 10 + 1, 'ja',
         '対象の完成品ロットは' || lots || '件。在庫の' || in_stock || '足は出荷を止めてください。販売済みは' || sold ||
         '足、影響額は約' || CAST(round(exposure_eur) AS BIGINT) || 'ユーロです。',
         'SELECT finished_lot, product, in_stock, stock_by_site, sold, returned, exposure_eur FROM coo.containment'
  FROM leading WHERE in_stock IS NOT NULL
  UNION ALL
  SELECT l.nth * 10 + 2, 'en',
         p.writable || ' buyers can be written to once a person has approved; ' || coalesce(u.units, 0) ||
         ' pairs have no buyer we can reach and need a public notice.', CAST(NULL AS VARCHAR)
  FROM leading AS l JOIN people AS p ON p.incident = l.incident LEFT JOIN unnamed AS u ON u.incident = l.incident
  UNION ALL
  SELECT l.nth * 10 + 2, 'ja',
         '連絡できる購入者は' || p.writable || '人で、送信には人の承認が必要です。連絡先のない' || coalesce(u.units, 0) || '足は公表で知らせます。',
         CAST(NULL AS VARCHAR)
  FROM leading AS l JOIN people AS p ON p.incident = l.incident LEFT JOIN unnamed AS u ON u.incident = l.incident
  UNION ALL
  SELECT 1000 + nth, 'en', 'A person should look at ' || replace(suspect_kind, '_', ' ') || ' ' || suspect || ': ' || complaints || ' complaints about ' || n.words ||
         ' in ' || units || ' units, too little to be sure.',
         'SELECT * FROM ceo.suspects WHERE verdict = ''suspect, needs a person'''
  FROM doubtful AS d JOIN seeds.topic_names AS n ON n.topic = d.topic AND n.language = 'en' WHERE nth <= 3
  UNION ALL
  SELECT 1000 + nth, 'ja', '人の確認が必要です: ' || kind_ja || ' ' || suspect || '。' || n.words || 'が' || units || '足中' || complaints ||
         '件ありますが、断定するには少なすぎます。',
         'SELECT * FROM ceo.suspects WHERE verdict = ''suspect, needs a person'''
  FROM doubtful AS d JOIN seeds.topic_names AS n ON n.topic = d.topic AND n.language = 'ja' WHERE nth <= 3
)
SELECT * FROM lines
UNION ALL
SELECT 1, language, sentence, CAST(NULL AS VARCHAR)
FROM (VALUES ('en', 'No complaint points to a cause more than chance would.'), ('ja', '偶然を超えて原因を指し示す苦情はありません。')) AS t(language, sentence)
WHERE NOT EXISTS (SELECT 1 FROM lines)
