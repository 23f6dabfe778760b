//! How every SQLite file of the warehouse is opened: durable, patient, with foreign keys.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use super::error::WarehouseError;

/// How long a statement waits for another program's write, a DuckDB commit for example.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// Connections of one file: every statement of a transaction goes over the one that has it, and a second
/// one costs a small command more than all it asks.
const CONNECTIONS_MAX: u32 = 1;

/// One SQLite file and the connections to it.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pool: SqlitePool,
    path: PathBuf,
}

impl Database {
    /// Opens the file, which is made when it is missing.
    pub(super) async fn open(path: PathBuf) -> Result<Self, WarehouseError> {
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_WAIT)
            .foreign_keys(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            // A file does not go away as a server does; asking it each time doubles what a small command waits.
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|source| WarehouseError::database("open a connection", &path, source))?;
        Ok(Self { pool, path })
    }

    pub(super) fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A transaction that holds the write lock from its first statement.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Sqlite>, WarehouseError> {
        self.pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|source| self.failed("begin", source))
    }

    /// A transaction that sees one state of the file, however many statements it has.
    pub(super) async fn read(&self) -> Result<Transaction<'static, Sqlite>, WarehouseError> {
        self.pool
            .begin()
            .await
            .map_err(|source| self.failed("begin", source))
    }

    pub(super) async fn commit(
        &self,
        transaction: Transaction<'static, Sqlite>,
    ) -> Result<(), WarehouseError> {
        transaction
            .commit()
            .await
            .map_err(|source| self.failed("commit", source))
    }

    /// The error of a statement, with the file it was for.
    pub(super) fn failed(&self, doing: &'static str, source: sqlx::Error) -> WarehouseError {
        WarehouseError::database(doing, &self.path, source)
    }

    pub(super) fn damaged(&self, what: impl Into<String>) -> WarehouseError {
        WarehouseError::Damaged {
            path: self.path.clone(),
            what: what.into(),
        }
    }
}

/// The present moment in UTC, as every table of ours writes it.
pub(super) fn now_text() -> String {
    moment_text(Utc::now())
}

/// A moment in UTC, as every table of ours writes it: texts sort as the moments do.
pub(super) fn moment_text(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string()
}

/// Reads what [`moment_text`] wrote.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok()?;
    Some(read.with_timezone(&Utc))
}
