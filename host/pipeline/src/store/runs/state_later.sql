-- Tables of the run store that came after its first version: created when they are missing.
-- How far sources were read.
CREATE TABLE IF NOT EXISTS reading(
  run_id TEXT NOT NULL REFERENCES run(run_id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  stream TEXT NOT NULL,
  basis TEXT NOT NULL,
  files TEXT NOT NULL,
  PRIMARY KEY(run_id, source, stream));
-- Checks that found nothing, by the fingerprint of their query.
CREATE TABLE IF NOT EXISTS passed(
  run_id TEXT NOT NULL REFERENCES run(run_id) ON DELETE CASCADE,
  check_name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  PRIMARY KEY(run_id, check_name));
-- What tables were made of, by the fingerprint of that: to say why one would be made again.
CREATE TABLE IF NOT EXISTS made_of(
  table_name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  parts TEXT NOT NULL,
  PRIMARY KEY(table_name, fingerprint));
