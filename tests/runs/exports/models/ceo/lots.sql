-- Which supplier's batch went into which finished batch: movement 261 less 262, and 101 of the order.
SELECT
    made.charg AS finished_lot,
    used.charg AS component_lot,
    max(bought.lifnr) AS supplier,
    sum(CASE used.bwart WHEN '261' THEN used.menge ELSE -used.menge END) AS consumed
FROM sap.matdoc used
JOIN sap.matdoc made ON made.aufnr = used.aufnr AND made.bwart = '101'
LEFT JOIN sap.matdoc bought ON bought.charg = used.charg AND bought.bwart = '101' AND bought.ebeln IS NOT NULL
WHERE used.bwart IN ('261', '262')
GROUP BY made.charg, used.charg
