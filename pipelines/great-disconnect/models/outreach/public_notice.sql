-- Units that no letter reaches: the buyer is not known or may not be addressed. They need a public notice.
SELECT a.incident, a.country, a.region, a.channel, a.product, a.certainty,
       CASE WHEN a.customer_id IS NULL THEN 'buyer not known' ELSE 'buyer may not be addressed' END AS why,
       count(*) AS order_lines, sum(a.units) AS units, min(a.ordered_on) AS sold_from, max(a.ordered_on) AS sold_to
FROM outreach.affected AS a
LEFT JOIN crm.customers AS c ON c.customer_id = a.customer_id
WHERE c.customer_id IS NULL OR NOT c.addressable
GROUP BY a.incident, a.country, a.region, a.channel, a.product, a.certainty,
         CASE WHEN a.customer_id IS NULL THEN 'buyer not known' ELSE 'buyer may not be addressed' END
