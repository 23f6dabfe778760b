-- What left, and what people decided: nothing can make it again.
-- Messages that were handed to sinks.
CREATE TABLE IF NOT EXISTS intent(
  incident TEXT NOT NULL,
  customer TEXT NOT NULL,
  template_version TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  run_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  intended_at TEXT NOT NULL,
  outcome TEXT,
  detail TEXT,
  receipt_at TEXT,
  PRIMARY KEY(incident, customer, template_version, attempt));
CREATE INDEX IF NOT EXISTS intent_without_receipt ON intent(intended_at) WHERE outcome IS NULL;
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
-- Who changed what in this file: each link carries the hash of the one before and is signed by the account.
CREATE TABLE IF NOT EXISTS chain(
  number INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  purpose TEXT NOT NULL,
  changes TEXT NOT NULL,
  previous TEXT NOT NULL,
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  signature TEXT NOT NULL);
-- The rows that a link added or took away, as SHA-256.
CREATE TABLE IF NOT EXISTS chain_change(
  link INTEGER NOT NULL,
  position INTEGER NOT NULL,
  added INTEGER NOT NULL,
  digest BLOB NOT NULL,
  PRIMARY KEY(link, position)) WITHOUT ROWID;
