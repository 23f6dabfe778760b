-- Parts whose share of all reports has risen in the last five weeks, against the half year before.
SELECT * FROM recent_share(
  (SELECT part AS unit, received_on AS date FROM staging.reports WHERE part <> 'unknown'),
  as_of => $as_of)
