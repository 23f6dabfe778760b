-- What an advertisement promised, what it cost, and how many of the pairs sold under that promise led to a
-- complaint that says the contrary. seeds/claim_topics.csv says which topics contradict which promise.
WITH sold AS (
  SELECT p.claim_id, count(DISTINCT o.order_id) AS orders, sum(o.shipped) AS shipped
  FROM crm.claims AS p
  JOIN staging.order_lines AS o
    ON o.product_id = p.product_id AND o.country = p.country AND o.ordered_on BETWEEN p.valid_from AND p.valid_to
  GROUP BY p.claim_id
),
told AS (
  SELECT p.claim_id, count(*) AS contradicted
  FROM crm.claims AS p
  JOIN seeds.claim_topics AS t ON t.claim = p.claim
  JOIN staging.complaints AS c ON c.topic = t.topic AND c.product_id = p.product_id AND c.counted
  JOIN staging.order_lines AS o ON o.order_id = c.order_id AND o.order_line = c.order_line
  WHERE o.country = p.country AND o.ordered_on BETWEEN p.valid_from AND p.valid_to
  GROUP BY p.claim_id
),
rated AS (
  SELECT s.claim_id, event_rate(t.contradicted, s.shipped) AS r
  FROM sold AS s
  LEFT JOIN told AS t ON t.claim_id = s.claim_id
  GROUP BY s.claim_id
)
SELECT p.claim_id, p.claim, p.product_id, p.country, p.text, p.valid_from, p.valid_to, p.spend AS spend_eur,
       s.orders, s.shipped, coalesce(t.contradicted, 0) AS contradicted, r.r['rate'] AS rate, r.r['low'] AS rate_low, r.r['high'] AS rate_high
FROM crm.claims AS p
JOIN (SELECT DISTINCT claim FROM seeds.claim_topics) AS k ON k.claim = p.claim
LEFT JOIN sold AS s ON s.claim_id = p.claim_id
LEFT JOIN told AS t ON t.claim_id = p.claim_id
LEFT JOIN rated AS r ON r.claim_id = p.claim_id
