-- The windows that are suspected, with the change that may explain each: one recorded for the same
-- supplier and material after the last receipt before the window and not after its first. Lots
-- between a change and the window were good, so an earlier change does not explain it; a change
-- without a record has no row.
-- @column topic: What is complained about, a topic of seeds/topics.csv.
-- @column factor: The factor of the window, by seeds/factors.csv.
-- @column suspect_kind: supplier_period or plant_period.
-- @column suspect: The window.
-- @column verdict: leading suspect, or suspect, needs a person.
-- @column part_of: The leading suspect that this one is a part of.
-- @column llr: Log likelihood ratio of the excess.
-- @column series: The supplier and material, or the plant.
-- @column first_on: The first day of receipt or production in the window.
-- @column last_on: The last day of it.
-- @column previous_on: The last day of the series before the window; blank where it begins it.
-- @column next_on: The first day of the series after the window; blank where it ends the series.
-- @column change_id: The change that the window begins with; several of one day are joined by +.
-- @column change_kind: What kind of change it was, such as material, machine or man.
-- @column change_note: What was noted about the change.
-- @column changed_on: When the change took effect.
-- @column days_after_change: Days from the change to the first day of the window.
WITH
windows AS (
  SELECT
    topic,
    factor,
    suspect_kind,
    suspect,
    verdict,
    part_of,
    llr,
    series,
    CAST(first_step AS DATE) AS first_on,
    CAST(last_step AS DATE) AS last_on
  FROM coo.attribution
  WHERE
    series IS NOT NULL
    AND verdict IN ('leading suspect', 'suspect, needs a person')
),
neighbours AS (
  SELECT
    w.topic,
    w.factor,
    w.suspect,
    max(CAST(s.step AS DATE)) FILTER (WHERE CAST(s.step AS DATE) < w.first_on) AS previous_on,
    min(CAST(s.step AS DATE)) FILTER (WHERE CAST(s.step AS DATE) > w.last_on) AS next_on
  FROM windows AS w
  JOIN staging.lot_series AS s ON s.factor = w.factor AND s.series = w.series
  GROUP BY w.topic, w.factor, w.suspect
),
changes AS (
  SELECT
    concat(supplier_id, ' ', material_id) AS series,
    effective_on,
    string_agg(change_id, ' + ' ORDER BY change_id) AS change_id,
    string_agg(kind, ' + ' ORDER BY change_id) AS change_kind,
    string_agg(note, '; ' ORDER BY change_id) AS change_note
  FROM erp.changes
  WHERE effective_on <= $as_of
  GROUP BY supplier_id, material_id, effective_on
),
explaining_changes AS (
  SELECT w.topic, w.factor, w.suspect, max(c.effective_on) AS changed_on
  FROM windows AS w
  JOIN
    neighbours AS n ON n.topic = w.topic
    AND n.factor = w.factor
    AND n.suspect = w.suspect
  JOIN
    changes AS c ON c.series = w.series
    AND c.effective_on <= w.first_on
    AND (n.previous_on IS NULL OR c.effective_on > n.previous_on)
  GROUP BY w.topic, w.factor, w.suspect
)
SELECT
  w.topic,
  w.factor,
  w.suspect_kind,
  w.suspect,
  w.verdict,
  w.part_of,
  w.llr,
  w.series,
  w.first_on,
  w.last_on,
  n.previous_on,
  n.next_on,
  c.change_id,
  c.change_kind,
  c.change_note,
  e.changed_on,
  days_between(e.changed_on, w.first_on) AS days_after_change
FROM windows AS w
LEFT JOIN
  neighbours AS n ON n.topic = w.topic
  AND n.factor = w.factor
  AND n.suspect = w.suspect
LEFT JOIN
  explaining_changes AS e ON e.topic = w.topic
  AND e.factor = w.factor
  AND e.suspect = w.suspect
LEFT JOIN changes AS c ON c.series = w.series AND c.effective_on = e.changed_on
