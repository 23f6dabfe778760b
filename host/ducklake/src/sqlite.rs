//! How a SQLite file is opened: durable, patient, with foreign keys. The catalogue is one; a
//! program may keep files of its own beside it in the same way.
//!
//! The journal is the classic one and not a write-ahead log: between two transactions the file is
//! whole by itself, so that it can be copied, and read where nothing can be written. Its readers
//! hold no lock beyond a statement (DuckDB neither), so that a commit never waits for a query.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
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
    is_read_only: bool,
}

impl Database {
    /// Opens the file, creating it when it is missing. A file that this process may not write is
    /// opened for reading alone.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a file that is no SQLite database, and disk errors.
    pub async fn open(path: PathBuf) -> Result<Self, Error> {
        if !may_write(&path) {
            return Self::open_read_only(path).await;
        }
        let options = options(&path)
            .create_if_missing(true)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true);
        let database = Self::connect(path, options, false).await?;
        database.end_write_ahead_log().await?;
        Ok(database)
    }

    /// Opens a file for reading, also where no journal can be created beside it.
    async fn open_read_only(path: PathBuf) -> Result<Self, Error> {
        let options = options(&path).read_only(true);
        let database = Self::connect(path.clone(), options.clone(), true).await?;
        let seen = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM sqlite_master")
            .fetch_one(database.pool())
            .await;
        match seen {
            Ok(_) => Ok(database),
            // A file that says that it has a write-ahead log, on a disk without one: nothing can
            // change it, and nothing is missing from it.
            Err(_) if !has_log(&path) => Self::connect(path, options.immutable(true), true).await,
            Err(_) => Err(Error::Unfinished { path }),
        }
    }

    async fn connect(
        path: PathBuf,
        options: SqliteConnectOptions,
        is_read_only: bool,
    ) -> Result<Self, Error> {
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            // A file does not go away as a server does, and a ping doubles the wait of a small command.
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|source| Error::database("open a connection", &path, source))?;
        Ok(Self {
            pool,
            path,
            is_read_only,
        })
    }

    /// Brings a file that another program or an older version left with a write-ahead log back to
    /// the classic journal, unless another process has it open.
    async fn end_write_ahead_log(&self) -> Result<(), Error> {
        let failed = |source| self.failed("read the journal mode", source);
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(&self.pool)
            .await
            .map_err(failed)?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Ok(());
        }
        let ended = sqlx::query("PRAGMA journal_mode = DELETE")
            .execute(&self.pool)
            .await;
        match ended.map_err(failed) {
            Ok(_) | Err(Error::Busy { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether this process may only read the file.
    pub fn is_read_only(&self) -> bool {
        self.is_read_only
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
        self.end_write_ahead_log().await
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

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY_WAIT)
}

/// Whether this process may write a file. One that is missing or strange is for SQLite to judge.
fn may_write(path: &Path) -> bool {
    match OpenOptions::new().write(true).open(path) {
        Ok(_) => true,
        Err(error) => !matches!(
            error.kind(),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
        ),
    }
}

/// Whether a file has a write-ahead log with something in it.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
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
