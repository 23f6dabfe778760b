-- The production months in which the reports on a part lie closer together than those on all others.
SELECT * FROM lot_window_scan(
  (SELECT part AS unit, made_on AS made FROM staging.reports),
  made_from => '2010-06-01', made_to => '2013-04-30')
