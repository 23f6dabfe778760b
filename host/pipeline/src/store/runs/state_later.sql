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
-- Which delivery the intents of a run belong to. In older ledgers they belong to any.
CREATE TABLE IF NOT EXISTS delivery_run(
  run_id TEXT PRIMARY KEY,
  delivery TEXT NOT NULL);
-- Records that were handed to sinks, by delivery and key: a JSON object of the key columns.
CREATE TABLE IF NOT EXISTS record_intent(
  delivery TEXT NOT NULL,
  key TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  run_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  intended_at TEXT NOT NULL,
  outcome TEXT,
  detail TEXT,
  receipt_at TEXT,
  PRIMARY KEY(delivery, key, attempt));
CREATE INDEX IF NOT EXISTS record_intent_without_receipt ON record_intent(intended_at) WHERE outcome IS NULL;
