-- Decisions of people about messages, and who looked up which customer.
CREATE TABLE IF NOT EXISTS decision(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  verdict TEXT NOT NULL,
  review TEXT NOT NULL,
  about TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  login TEXT NOT NULL,
  given_to TEXT,
  note TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS decision_by_review ON decision(review);
CREATE TABLE IF NOT EXISTS lookup(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  value TEXT NOT NULL,
  found TEXT,
  asked_by TEXT NOT NULL,
  login TEXT NOT NULL,
  reason TEXT NOT NULL);
-- Forgotten persons, as hashes under the salt.
CREATE TABLE IF NOT EXISTS salt(value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS forgotten(
  hash TEXT PRIMARY KEY,
  at TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  login TEXT NOT NULL,
  reason TEXT NOT NULL);
-- What the texts of a send have in common, and how many messages of it each incident had.
CREATE TABLE IF NOT EXISTS known_text(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  text TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS sent_text(
  text INTEGER NOT NULL REFERENCES known_text(id),
  incident TEXT NOT NULL,
  messages INTEGER NOT NULL,
  PRIMARY KEY(text, incident));
-- Messages that left without a person since one last looked at their text.
CREATE TABLE IF NOT EXISTS unseen_text(
  text INTEGER NOT NULL REFERENCES known_text(id),
  at TEXT NOT NULL,
  messages INTEGER NOT NULL);
-- What staff promised, did, know or want held.
CREATE TABLE IF NOT EXISTS note(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  customer TEXT NOT NULL,
  serial TEXT,
  value INTEGER,
  until TEXT,
  note TEXT NOT NULL,
  noted_by TEXT NOT NULL,
  login TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS note_by_customer ON note(customer);
