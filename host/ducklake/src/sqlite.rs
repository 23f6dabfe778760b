//! How a SQLite file is opened: durable, patient, with foreign keys. The catalogue is one; a
//! program may keep files of its own beside it in the same way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use crate::error::Error;

/// How long a statement waits for another program's write, a DuckDB commit for example.
const BUSY_WAIT: Duration = Duration::from_secs(10);
/// Connections of one file: every statement of a transaction goes over the one that has it, and
/// opening a second one takes longer than all statements of a small command.
const CONNECTIONS_MAX: u32 = 1;

/// One SQLite file and the connections to it. Cloning is cheap and gives the same one.
#[derive(Clone, Debug)]
pub struct Database {
    pool: SqlitePool,
    path: PathBuf,
}

impl Database {
    /// Opens the file, creating it when it is missing.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a file that is no SQLite database, and disk errors.
    pub async fn open(path: PathBuf) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_WAIT)
            .foreign_keys(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            // A file does not go away as a server does, and a ping doubles the wait of a small command.
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|source| Error::database("open a connection", &path, source))?;
        Ok(Self { pool, path })
    }

    /// Runs single statements.
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A transaction that holds the write lock from its first statement.
    ///
    /// # Errors
    /// [`Error::Busy`] when another program keeps the lock too long.
    pub async fn write(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        self.pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|source| self.failed("begin", source))
    }

    /// A transaction that fills an empty file; none where the table `first` exists, because another
    /// process has filled it.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a file with other tables, named as the `expected` kind of file.
    pub async fn write_first(
        &self,
        first: &str,
        expected: &'static str,
    ) -> Result<Option<Transaction<'static, Sqlite>>, Error> {
        let mut transaction = self.write().await?;
        let tables: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
                .fetch_all(&mut *transaction)
                .await
                .map_err(|source| self.failed("look for tables", source))?;
        if tables.iter().any(|name| name == first) {
            return Ok(None);
        }
        match tables.first() {
            None => Ok(Some(transaction)),
            Some(name) => Err(Error::NotOurs {
                path: self.path.clone(),
                expected,
                what: format!("it has the table `{name}` and no `{first}`"),
            }),
        }
    }

    /// A transaction that sees one state of the file, however many statements it has.
    ///
    /// # Errors
    /// Database errors.
    pub async fn read(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        self.pool
            .begin()
            .await
            .map_err(|source| self.failed("begin", source))
    }

    /// Ends a transaction; what it wrote is on the disk when this returns.
    ///
    /// # Errors
    /// Database errors. The transaction may have taken effect all the same.
    pub async fn commit(&self, transaction: Transaction<'static, Sqlite>) -> Result<(), Error> {
        transaction
            .commit()
            .await
            .map_err(|source| self.failed("commit", source))
    }

    /// Rewrites the file, so that no deleted value remains in its free pages.
    ///
    /// # Errors
    /// [`Error::Busy`] when another program has the file open.
    pub async fn vacuum(&self) -> Result<(), Error> {
        for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
            sqlx::query(statement)
                .execute(&self.pool)
                .await
                .map_err(|source| self.failed("rewrite the file", source))?;
        }
        Ok(())
    }

    /// The error of a statement, with the file it was for.
    pub fn failed(&self, doing: &'static str, source: sqlx::Error) -> Error {
        Error::database(doing, &self.path, source)
    }

    /// The error of a row that breaks the rules of its table.
    pub fn damaged(&self, what: impl Into<String>) -> Error {
        Error::Damaged {
            path: self.path.clone(),
            what: what.into(),
        }
    }
}

/// The present moment, as [`moment_text`] writes it.
pub fn now_text() -> String {
    moment_text(Utc::now())
}

/// A moment in UTC, as DuckLake writes it: texts sort as the moments do.
pub fn moment_text(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string()
}

/// Reads what [`moment_text`] wrote.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z").ok()?;
    Some(read.with_timezone(&Utc))
}
