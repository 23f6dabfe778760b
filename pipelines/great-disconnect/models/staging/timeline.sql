-- What happened with each known customer, in one order of days: sales, marketing and service side by side.
-- Public texts count where they name the customer; `reference` is the row that can be looked up.
SELECT customer_id, ordered_on AS happened_on, 'sales' AS side, 'ordered' AS event, order_id || ' / ' || order_line AS reference,
       product_id, quantity || ' x ' || product_id AS detail
FROM staging.order_lines WHERE customer_id IS NOT NULL
UNION ALL
SELECT customer_id, delivered_on, 'sales', 'delivered', order_id || ' / ' || order_line, product_id, carrier
FROM staging.order_lines WHERE customer_id IS NOT NULL AND delivered_on <= $as_of
UNION ALL
SELECT o.customer_id, r.returned_on, 'service', 'returned', r.return_id, o.product_id, r.reason
FROM staging.returns AS r JOIN staging.order_lines AS o ON o.order_id = r.order_id AND o.order_line = r.order_line
WHERE o.customer_id IS NOT NULL
UNION ALL
SELECT o.customer_id, r.claimed_on, 'service', 'claimed under warranty', r.claim_id, o.product_id, r.reason
FROM staging.claims AS r JOIN staging.order_lines AS o ON o.order_id = r.order_id AND o.order_line = r.order_line
WHERE o.customer_id IS NOT NULL
UNION ALL
SELECT o.customer_id, r.promised_on, 'service', 'remedy promised', r.remedy_id, o.product_id, r.kind
FROM staging.remedies AS r JOIN staging.order_lines AS o ON o.order_id = r.order_id AND o.order_line = r.order_line
WHERE o.customer_id IS NOT NULL
UNION ALL
SELECT o.customer_id, r.delivered_on, 'service', 'remedy delivered', r.remedy_id, o.product_id, r.kind
FROM staging.remedies AS r JOIN staging.order_lines AS o ON o.order_id = r.order_id AND o.order_line = r.order_line
WHERE o.customer_id IS NOT NULL AND r.delivered_on IS NOT NULL
UNION ALL
SELECT customer_id, created_on, 'service', CASE WHEN by_people THEN 'wrote a ' || kind ELSE kind END, interaction_id, product_id,
       CASE WHEN by_people THEN platforms ELSE text END
FROM staging.interactions WHERE customer_id IS NOT NULL
UNION ALL
SELECT customer_id, CAST(sent_at AS DATE), CASE WHEN purpose = 'advertisement' THEN 'marketing' ELSE 'service' END,
       'message ' || outcome, send_id, NULL, template || ' by ' || channel
FROM crm.sends WHERE customer_id IS NOT NULL AND CAST(sent_at AS DATE) <= $as_of
UNION ALL
SELECT customer_id, CAST(at AS DATE), 'marketing', 'consent ' || state, consent_id, NULL, purpose || ' by ' || channel
FROM crm.consents WHERE customer_id IS NOT NULL AND CAST(at AS DATE) <= $as_of
UNION ALL
SELECT customer_id, valid_from, 'marketing', 'offer', offer_id, NULL, kind || ': ' || terms
FROM crm.offers WHERE customer_id IS NOT NULL AND valid_from <= $as_of
