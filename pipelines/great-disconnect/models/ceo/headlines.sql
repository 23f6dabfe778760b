-- What a run ends with: sentences for a manager, in English, Japanese and German, each with the query that shows
-- the rows behind it. A suspect is called a suspect: a cause is confirmed by a person, not by a rate.
WITH leading AS (
  SELECT i.*, n.language, n.words, k.words AS kind, 10 * row_number() OVER (PARTITION BY n.language ORDER BY s.rank) AS place,
         round(i.rate_ratio, 1) AS times, round(i.rate_ratio_low, 1) AS low, round(i.rate_ratio_high, 1) AS high,
         CAST(i.shipped AS BIGINT) AS units, s.confirmed_by, s.confirmed_on, CAST(round(i.exposure_eur) AS BIGINT) AS eur
  FROM ceo.incident AS i
  JOIN ceo.suspects AS s ON s.suspect = i.suspect AND s.topic = i.topic AND s.suspect_kind = i.suspect_kind
  JOIN seeds.topic_names AS n ON n.topic = i.topic
  JOIN seeds.suspect_names AS k ON k.suspect_kind = i.suspect_kind AND k.language = n.language
),
-- A change has the units of its period, which is named already.
doubtful AS (
  SELECT d.*, n.language, n.words, k.words AS kind, CAST(d.shipped AS BIGINT) AS units, row_number() OVER (PARTITION BY n.language ORDER BY d.rank) AS nth
  FROM ceo.suspects AS d
  JOIN seeds.topic_names AS n ON n.topic = d.topic
  JOIN seeds.suspect_names AS k ON k.suspect_kind = d.suspect_kind AND k.language = n.language
  WHERE d.verdict = 'suspect, needs a person'
),
people AS (
  SELECT incident, count(*) FILTER (WHERE decision <> 'suppress') AS writable
  FROM outreach.messages GROUP BY incident
),
unnamed AS (
  SELECT incident, sum(units) AS units FROM outreach.public_notice GROUP BY incident
),
urgent AS (
  SELECT count(*) AS tickets, count(*) FILTER (WHERE escalate <> 'soon') AS now FROM coo.escalations
),
lines AS (
  SELECT place AS position, language,
         CASE language
           WHEN 'en' THEN 'Complaints about ' || words || ' lead to ' || coalesce(material || ' from ' || supplier || ', received ' ||
             first_received_on || ' to ' || last_received_on || ' after the change ' || change_id, kind || ' ' || suspect) ||
             ': ' || complaints || ' complaints in ' || units || ' units of known lot, ' || coalesce(times || ' times the rate elsewhere (95 % interval ' ||
             low || ' to ' || high || ')', 'none elsewhere (at least ' || low || ' times the rate, 95 % interval)') || '. ' || coalesce('Confirmed as the cause by ' || confirmed_by || ' on ' || confirmed_on || '.', 'A suspect until a person confirms it.')
           WHEN 'ja' THEN words || 'の苦情をたどると、' || coalesce(supplier || 'の' || material || '（' || first_received_on || '〜' || last_received_on ||
             '受入、変更' || change_id || '以降）', kind || ' ' || suspect) || 'に行き着きます。ロットの分かる' || units || '足中' || complaints ||
             '件、' || coalesce('ほかの' || times || '倍です（95％区間 ' || low || '〜' || high || '）', 'ほかでは一件もありません（95％区間で少なくとも' || low || '倍）') || '。' || coalesce(confirmed_on || 'に' || confirmed_by || 'が原因と確認しました。', '人が確認するまでは「疑い」です。')
           WHEN 'de' THEN 'Beschwerden über ' || words || ' führen zu ' || coalesce(material || ' von ' || supplier || ', eingegangen ' ||
             first_received_on || ' bis ' || last_received_on || ' nach der Änderung ' || change_id, kind || ' ' || suspect) ||
             ': ' || complaints || ' Beschwerden auf ' || units || ' Paar mit bekanntem Los, ' || coalesce('das ' || times || 'fache der Rate anderswo (95-%-Bereich ' ||
             low || ' bis ' || high || ')', 'anderswo keine (mindestens das ' || low || 'fache der Rate, 95-%-Bereich)') || '. ' || coalesce('Als Ursache bestätigt von ' || confirmed_by || ' am ' || confirmed_on || '.', 'Ein Verdacht, bis ein Mensch ihn bestätigt.')
         END AS sentence,
         'SELECT rank, suspect_kind, suspect, complaints, rate_ratio, verdict FROM ceo.suspects ORDER BY rank LIMIT 10' AS query
  FROM leading
  UNION ALL
  SELECT place + 1, language,
         CASE language
           WHEN 'en' THEN coalesce(lots || ' finished lots are made of it: hold the ' || in_stock || ' pairs still in stock; ' || sold || ' were sold. At stake: at most ' || eur || ' EUR, stock at cost and sold pairs at the price paid.',
             lots || ' finished lots are made of it: hold them all. Their stock was not counted by this day.')
           WHEN 'ja' THEN coalesce('対象の完成品ロットは' || lots || '件。在庫の' || in_stock || '足は出荷を止めてください。販売済みは' || sold || '足、影響額は最大' || eur || 'ユーロ（在庫は原価、販売済みは購入価格）です。',
             '対象の完成品ロットは' || lots || '件。すべて出荷を止めてください。この日までの在庫数は記録がありません。')
           WHEN 'de' THEN coalesce(lots || ' Fertiglose enthalten es: ' || in_stock || ' Paar liegen noch auf Lager und sind anzuhalten; ' || sold || ' sind verkauft. Es geht um höchstens ' || eur || ' EUR: Lager zu Kosten, Verkauftes zum gezahlten Preis.',
             lots || ' Fertiglose enthalten es: alle anhalten. Ihr Bestand war bis zu diesem Tag nicht gezählt.')
         END,
         'SELECT finished_lot, product, in_stock, stock_by_site, sold, returned, exposure_eur FROM coo.containment'
  FROM leading WHERE lots > 0
  UNION ALL
  SELECT l.place + 2, l.language,
         CASE l.language
           WHEN 'en' THEN p.writable || ' buyers can be written to once a person has approved; ' || coalesce(u.units, 0) || ' pairs have no buyer we can reach and need a public notice.'
           WHEN 'ja' THEN '連絡できる購入者は' || p.writable || '人で、送信には人の承認が必要です。連絡先のない' || coalesce(u.units, 0) || '足は公表で知らせます。'
           WHEN 'de' THEN p.writable || ' Käufern kann geschrieben werden, sobald ein Mensch zugestimmt hat; für ' || coalesce(u.units, 0) || ' Paar ist kein Käufer erreichbar: Sie brauchen einen öffentlichen Hinweis.'
         END, CAST(NULL AS VARCHAR)
  FROM leading AS l JOIN people AS p ON p.incident = l.incident LEFT JOIN unnamed AS u ON u.incident = l.incident
  UNION ALL
  SELECT l.place + 3, l.language,
         CASE l.language
           WHEN 'en' THEN 'The letters pointed there from ' || r.cause_on || ' on, ' || r.days_since_cause || ' days ago; by the CRM, ' || r.contacted || ' of ' || r.buyers || ' known buyers have been told.'
           WHEN 'ja' THEN '苦情は' || r.cause_on || '（' || r.days_since_cause || '日前）からそこを指していました。CRMの記録では、連絡済みの購入者は' || r.buyers || '人中' || r.contacted || '人です。'
           WHEN 'de' THEN 'Die Briefe wiesen seit dem ' || r.cause_on || ' dorthin, seit ' || r.days_since_cause || ' Tagen; laut CRM wissen ' || r.contacted || ' von ' || r.buyers || ' bekannten Käufern davon.'
         END, 'SELECT incident, first_complaint_on, noticed_on, cause_on, contacted_on, reason FROM ceo.response_times'
  FROM leading AS l JOIN ceo.response_times AS r ON r.incident = l.incident
  WHERE r.cause_on IS NOT NULL AND r.buyers > 0
  UNION ALL
  SELECT 1000 + nth, language,
         CASE language
           WHEN 'en' THEN 'A person should look at ' || kind || ' ' || suspect || ': ' || complaints || ' complaints about ' || words || ' in ' || units || ' units, too little to be sure.'
           WHEN 'ja' THEN '人の確認が必要です: ' || kind || ' ' || suspect || '。' || words || 'が' || units || '足中' || complaints || '件ありますが、断定するには少なすぎます。'
           WHEN 'de' THEN 'Ein Mensch sollte hinsehen: ' || kind || ' ' || suspect || ', ' || complaints || ' Beschwerden über ' || words || ' auf ' || units || ' Paar, zu wenig für Gewissheit.'
         END, 'SELECT * FROM ceo.suspects WHERE verdict = ''suspect, needs a person'''
  FROM doubtful WHERE nth <= 3
),
told AS (
  SELECT * FROM lines
  UNION ALL
  SELECT 1, language, sentence, CAST(NULL AS VARCHAR)
  FROM (VALUES ('en', 'No complaint points to a cause more than chance would.'), ('ja', '偶然を超えて原因を指し示す苦情はありません。'),
               ('de', 'Keine Beschwerde weist stärker auf eine Ursache als der Zufall.')) AS t(language, sentence)
  WHERE NOT EXISTS (SELECT 1 FROM ceo.suspects WHERE verdict IN ('confirmed cause', 'leading suspect', 'suspect, needs a person'))
)
SELECT * FROM told
UNION ALL
SELECT 2000, l.language,
       CASE l.language
         WHEN 'en' THEN u.tickets || ' open complaints name a day by which the pair is needed; ' || u.now || ' of them within ' || $escalate_days || ' days or past it.'
         WHEN 'ja' THEN '必要な日が書かれた未解決の苦情が' || u.tickets || '件あり、うち' || u.now || '件は' || $escalate_days || '日以内か、期限を過ぎています。'
         WHEN 'de' THEN u.tickets || ' offene Beschwerden nennen einen Tag, an dem das Paar gebraucht wird; ' || u.now || ' davon binnen ' || $escalate_days || ' Tagen oder schon vorbei.'
       END, 'SELECT escalate, ticket_id, needed_by, days_left, topics, owner FROM coo.escalations ORDER BY needed_by'
FROM urgent AS u
CROSS JOIN (VALUES ('en'), ('ja'), ('de')) AS l(language)
WHERE u.now > 0
