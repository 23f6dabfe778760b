//! What can go wrong in a lake.

use std::io;
use std::path::{Path, PathBuf};

use datafusion::arrow::error::ArrowError;
use parquet::errors::ParquetError;

use crate::name::{LakeTableName, SnapshotId};

/// Every failure of a lake. Nothing is half published after any of them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process writes in this lake.
    #[error("the lake {} is in use by process {} ({purpose})", .path.display(), shown(*.pid))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, when it could be read.
        pid: Option<u32>,
        /// What that process is doing, in its own words.
        purpose: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// What was tried: `write`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        source: io::Error,
    },
    #[error("the disk is full: cannot {doing} {}", .path.display())]
    DiskFull {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// Another program held the database longer than we wait.
    #[error("{} is locked by another program", .path.display())]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// This process may only read it.
    #[error("{} cannot be written by this account", .path.display())]
    ReadOnly { path: PathBuf },
    /// This process may not even read it.
    #[error("{} cannot be read by this account", .path.display())]
    NotReadable { path: PathBuf },
    /// A write was interrupted and its rest can only be tidied up where the folder can be written.
    #[error("{} was being written when its program stopped, and the rest of that can only be tidied up where its folder can be written", .path.display())]
    Unfinished {
        /// The database.
        path: PathBuf,
    },
    /// A database refused or broke.
    #[error("cannot {doing} in {}", .path.display())]
    Database {
        /// What was tried.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        source: sqlx::Error,
    },
    /// The file is not the database that was expected there, or is damaged.
    #[error("{} is not a {expected}: {what}", .path.display())]
    NotOurs {
        path: PathBuf,
        /// `DuckLake catalogue`.
        expected: &'static str,
        /// What was found instead.
        what: String,
    },
    /// The database has a version that this program does not know.
    #[error("{} has version {found}, and this program knows {known}", .path.display())]
    Version {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: String,
        /// The version that is read and written.
        known: &'static str,
    },
    /// A path that the catalogue cannot hold.
    #[error("the path {} is not valid UTF-8", .path.display())]
    Path { path: PathBuf },
    /// A column whose type has no place in DuckLake.
    #[error("table {table} cannot hold column `{column}` of type {data_type}")]
    Unstorable {
        table: LakeTableName,
        /// The column, with its parents: `a.element`.
        column: String,
        /// Its Arrow type.
        data_type: String,
        /// A type that can be held.
        instead: &'static str,
    },
    /// A value that would lose digits on the way into its stored type.
    #[error(
        "column `{column}` of table {table} has {value}, which {stored_as} cannot hold exactly"
    )]
    Inexact {
        table: LakeTableName,
        column: String,
        /// The value as text.
        value: String,
        /// The type it is stored as.
        stored_as: &'static str,
    },
    /// Two columns whose names differ at most in case.
    #[error("table {table} has column `{column}` twice")]
    DuplicateColumn {
        table: LakeTableName,
        column: String,
    },
    /// A table without columns.
    #[error("table {table} has no columns")]
    NoColumns { table: LakeTableName },
    /// A batch does not have the columns that its table was staged with.
    #[error("a batch for table {table} does not fit the columns it was staged with: {what}")]
    Misfit {
        table: LakeTableName,
        /// What differs.
        what: String,
    },
    /// Values could not be brought into their stored type.
    #[error("cannot convert column `{column}` of table {table}")]
    Convert {
        table: LakeTableName,
        column: String,
        source: ArrowError,
    },
    /// A Parquet file could not be written or read.
    #[error("cannot {doing} the Parquet file {}", .path.display())]
    Parquet {
        /// What was tried.
        doing: &'static str,
        path: PathBuf,
        source: ParquetError,
    },
    /// The stream of rows that was being staged failed.
    #[error("the rows of table {table} ended with an error")]
    Stream {
        table: LakeTableName,
        source: Box<datafusion::error::DataFusionError>,
    },
    /// A publish without tables and tags.
    #[error("nothing is staged to publish")]
    NothingStaged,
    /// One table staged twice in one publish.
    #[error("table {table} is staged twice in one publish")]
    StagedTwice { table: LakeTableName },
    /// Another client changed a table between staging and publishing.
    #[error("table {table} was changed by another client after it was staged: {what}")]
    Conflict {
        table: LakeTableName,
        /// What changed.
        what: String,
    },
    /// A staged file is gone or has another size at the moment of publishing.
    #[error("the staged file {} should have {expected_bytes} bytes and has {found_bytes}", .path.display())]
    StagedFile {
        path: PathBuf,
        /// What was staged.
        expected_bytes: u64,
        /// What is there.
        found_bytes: u64,
    },
    /// A published file is gone, or is not as long as it was.
    #[error("a file of table {table} {}: {}", lost(*.expected_bytes, *.found_bytes), .path.display())]
    LostFile {
        table: LakeTableName,
        path: PathBuf,
        /// How long it was.
        expected_bytes: u64,
        /// How long it is; none when it is gone.
        found_bytes: Option<u64>,
    },
    /// A published file has other bytes than were written.
    #[error("a file of table {table} {what}: {}", .path.display())]
    DamagedFile {
        /// `schema.name`.
        table: String,
        path: PathBuf,
        /// `has other bytes than were written`.
        what: &'static str,
    },
    /// No such snapshot.
    #[error("there is no snapshot {id}; the last one is {last}")]
    NoSnapshot {
        /// The one that was requested.
        id: SnapshotId,
        last: SnapshotId,
    },
    /// No such table in a snapshot.
    #[error("there is no table {table} in snapshot {snapshot}")]
    NoTable {
        /// The one that was requested.
        table: LakeTableName,
        snapshot: SnapshotId,
    },
    /// A table written by another client in a way that is not supported.
    #[error("table {table} cannot be read: {what}")]
    Unreadable {
        table: LakeTableName,
        /// What was found.
        what: String,
    },
    /// A row that breaks the rules of its table.
    #[error("{} is damaged: {what}", .path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// Which row, and how.
        what: String,
    },
}

fn lost(expected: u64, found: Option<u64>) -> String {
    match found {
        None => "is gone".to_owned(),
        Some(found) => format!("has {found} bytes instead of {expected}"),
    }
}

fn shown(pid: Option<u32>) -> String {
    pid.map_or_else(|| "unknown".to_owned(), |pid| pid.to_string())
}

impl Error {
    /// A system error on a path; a full disk becomes [`Error::DiskFull`].
    pub fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { doing, path }
            }
            _ => Self::Io {
                doing,
                path,
                source,
            },
        }
    }

    /// A Parquet error on a path; a full disk below it becomes [`Error::DiskFull`].
    pub(crate) fn parquet(doing: &'static str, path: &Path, source: ParquetError) -> Self {
        match source {
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(cause) => Self::io(doing, path, *cause),
                Err(cause) => Self::Parquet {
                    doing,
                    path: path.to_owned(),
                    source: ParquetError::External(cause),
                },
            },
            source => Self::Parquet {
                doing,
                path: path.to_owned(),
                source,
            },
        }
    }

    /// A database error; SQLite's result code says which are busy, full or foreign files.
    pub(crate) fn database(doing: &'static str, path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        let code = match &source {
            sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<i64>().ok()),
            _ => None,
        };
        // Extending the shared memory file fails for want of room only (SQLITE_IOERR_SHMSIZE).
        if code == Some(4874) {
            return Self::DiskFull { doing, path };
        }
        // A journal that must be rolled back before anybody may read (SQLITE_READONLY_ROLLBACK).
        if code == Some(776) {
            return Self::Unfinished { path };
        }
        // The low byte of an extended code is the plain one: 5 busy, 6 locked, 8 read-only,
        // 11 corrupt, 13 full, 14 cannot be opened, 26 not a database.
        match code.map(|code| code & 0xff) {
            Some(8) => Self::ReadOnly { path },
            // Neither it nor a journal beside it can be opened.
            Some(14) if std::fs::File::open(&path).is_err() => Self::NotReadable { path },
            Some(14) => Self::ReadOnly { path },
            Some(5 | 6) => Self::Busy { path },
            Some(13) => Self::DiskFull { doing, path },
            Some(11) => Self::Damaged {
                path,
                what: "its pages do not fit together".to_owned(),
            },
            Some(26) => Self::NotOurs {
                path,
                expected: "SQLite database",
                what: source.to_string(),
            },
            _ => Self::Database {
                doing,
                path,
                source,
            },
        }
    }
}
