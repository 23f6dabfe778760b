-- What a warehouse has beside its tables: runs, fingerprints, checkpoints. It can be made again.
CREATE TABLE run(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id TEXT NOT NULL UNIQUE,
  started_at TEXT NOT NULL,
  finished_at TEXT,
  as_of TEXT,
  status TEXT NOT NULL,
  snapshot_id INTEGER,
  audit TEXT);
CREATE TABLE step(
  run_id TEXT NOT NULL REFERENCES run(run_id) ON DELETE CASCADE,
  table_name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  PRIMARY KEY(run_id, table_name));
CREATE TABLE checkpoint(
  run_id TEXT NOT NULL REFERENCES run(run_id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  stream TEXT NOT NULL,
  partition TEXT NOT NULL,
  version INTEGER NOT NULL,
  state BLOB NOT NULL,
  summary TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  PRIMARY KEY(run_id, source, stream, partition));
