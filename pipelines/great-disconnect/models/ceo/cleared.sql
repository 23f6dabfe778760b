-- What looked guilty, and why it was released: its complaints are those of another suspect.
SELECT suspect_kind, suspect, topic, severity, complaints, shipped, rate_ratio, rate_ratio_low, rate_ratio_high,
       q_value, explained_by, reason
FROM coo.attribution
WHERE verdict = 'explained by another'
