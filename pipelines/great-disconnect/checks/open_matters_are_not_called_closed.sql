-- A customer who is affected, or still waits for an answer or a remedy, must not hear that nothing
-- is open.
SELECT b.customer_id, b.affected, b.open_tickets, b.remedies_owed
FROM frontline.customer_brief AS b
JOIN
  seeds.talking_points AS s ON s.situation = 'nothing open'
  AND s.language = b.language
WHERE
  (b.affected IS NOT NULL OR b.open_tickets > 0 OR b.remedies_owed IS NOT NULL)
  AND strpos(b.say, s.say) > 0
