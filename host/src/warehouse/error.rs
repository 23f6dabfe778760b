//! What can go wrong in the warehouse, and who must act.

use std::io;
use std::path::{Path, PathBuf};

use datafusion::arrow::error::ArrowError;
use parquet::errors::ParquetError;

use super::SnapshotId;
use crate::blame::{Blame, Explain, did_you_mean};
use crate::name::{RunId, TableName};

/// Every failure of the warehouse. Nothing is half published after any of them.
#[derive(Debug, thiserror::Error)]
pub enum WarehouseError {
    /// Another process runs or delivers in this warehouse.
    #[error("the warehouse {} is in use by process {} ({purpose})", .path.display(), shown(*.pid))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, when it could be read.
        pid: Option<u32>,
        /// What that process said it is doing: `run 0198…`.
        purpose: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        /// What was tried: `write`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The disk is full.
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
    /// A database refused or broke.
    #[error("cannot {doing} in {}", .path.display())]
    Database {
        /// What was tried.
        doing: &'static str,
        /// The database.
        path: PathBuf,
        /// What it said.
        source: sqlx::Error,
    },
    /// The file is not a catalogue or state of ours, or is damaged.
    #[error("{} is not a {expected}: {what}", .path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// `DuckLake catalogue`.
        expected: &'static str,
        /// What was found instead.
        what: String,
    },
    /// The catalogue or state is of a version that this program does not know.
    #[error("{} has version {found}, and this tsugi knows {known}", .path.display())]
    Version {
        /// The database.
        path: PathBuf,
        /// The version it says.
        found: String,
        /// The version we write.
        known: &'static str,
    },
    /// A path that cannot stand in the catalogue.
    #[error("the path {} is not valid UTF-8", .path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },
    /// A column whose type has no place in DuckLake.
    #[error("table {table} cannot hold column `{column}` of type {data_type}")]
    Unstorable {
        /// The table.
        table: TableName,
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
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// The value as text.
        value: String,
        /// The type it is stored as.
        stored_as: &'static str,
    },
    /// Two columns whose names differ at most in case.
    #[error("table {table} has column `{column}` twice")]
    DuplicateColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
    },
    /// A table without columns.
    #[error("table {table} has no columns")]
    NoColumns {
        /// The table.
        table: TableName,
    },
    /// A batch does not have the columns that its table was staged with.
    #[error("a batch for table {table} does not fit the columns it was staged with: {what}")]
    Misfit {
        /// The table.
        table: TableName,
        /// What differs.
        what: String,
    },
    /// Values could not be brought into their stored type.
    #[error("cannot convert column `{column}` of table {table}")]
    Convert {
        /// The table.
        table: TableName,
        /// The column.
        column: String,
        /// What Arrow said.
        source: ArrowError,
    },
    /// A Parquet file could not be written or read.
    #[error("cannot {doing} the Parquet file {}", .path.display())]
    Parquet {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the writer said.
        source: ParquetError,
    },
    /// The stream of rows that was being staged failed.
    #[error("the rows of table {table} ended with an error")]
    Stream {
        /// The table.
        table: TableName,
        /// What the query said.
        source: Box<datafusion::error::DataFusionError>,
    },
    /// A publish without tables.
    #[error("run {run} staged nothing to publish")]
    NothingStaged {
        /// The run.
        run: RunId,
    },
    /// One table staged twice in one publish.
    #[error("table {table} is staged twice in one publish")]
    StagedTwice {
        /// The table.
        table: TableName,
    },
    /// Another client changed a table between staging and publishing.
    #[error("table {table} was changed by another client after it was staged: {what}")]
    Conflict {
        /// The table.
        table: TableName,
        /// What changed.
        what: String,
    },
    /// A staged file is gone or has another size at the moment of publishing.
    #[error("the staged file {} should have {expected_bytes} bytes and has {found_bytes}", .path.display())]
    StagedFile {
        /// The file.
        path: PathBuf,
        /// What was staged.
        expected_bytes: u64,
        /// What is there.
        found_bytes: u64,
    },
    /// No such snapshot.
    #[error("there is no snapshot {id}; the last one is {last}")]
    NoSnapshot {
        /// What was asked for.
        id: SnapshotId,
        /// The last one.
        last: SnapshotId,
    },
    /// No such table in a snapshot.
    #[error("there is no table {table} in snapshot {snapshot}")]
    NoTable {
        /// What was asked for.
        table: TableName,
        /// Where.
        snapshot: SnapshotId,
        /// Names that may have been meant.
        near: Vec<String>,
    },
    /// A table written by another client in a way that is not supported.
    #[error("table {table} cannot be read: {what}")]
    Unreadable {
        /// The table.
        table: TableName,
        /// What was found.
        what: String,
    },
    /// A row of the catalogue or state that breaks its own rules.
    #[error("{} is damaged: {what}", .path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// Which row, and how.
        what: String,
    },
    /// A receipt for a row that was never intended.
    #[error("there is no intent for `{key}`")]
    NoIntent {
        /// The key of the row.
        key: String,
    },
    /// A second, different receipt for one attempt.
    #[error("`{key}` already has the receipt `{recorded}`, not `{given}`")]
    ReceiptDiffers {
        /// The key of the row.
        key: String,
        /// What stands in the ledger.
        recorded: String,
        /// What was to be written.
        given: String,
    },
}

fn shown(pid: Option<u32>) -> String {
    pid.map_or_else(|| "unknown".to_owned(), |pid| pid.to_string())
}

impl WarehouseError {
    /// A system error on a path; a full disk is told apart.
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
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

    /// A Parquet error on a path; a full disk below it is told apart.
    pub(super) fn parquet(doing: &'static str, path: &Path, source: ParquetError) -> Self {
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

    /// A database error; busy, full and foreign files are told apart by SQLite's result code.
    pub(super) fn database(doing: &'static str, path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        let code = match &source {
            sqlx::Error::Database(error) => error.code().and_then(|code| code.parse::<i64>().ok()),
            _ => None,
        };
        // Extending the shared memory file fails for want of room only (SQLITE_IOERR_SHMSIZE).
        if code == Some(4874) {
            return Self::DiskFull { doing, path };
        }
        // The low byte of an extended code is the plain one: 5 busy, 6 locked, 11 corrupt,
        // 13 full, 26 not a database.
        match code.map(|code| code & 0xff) {
            Some(5 | 6) => Self::Busy { path },
            Some(13) => Self::DiskFull { doing, path },
            Some(11) => Self::Damaged {
                path,
                what: source.to_string(),
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

impl Explain for WarehouseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "warehouse::locked",
            Self::Io { .. } => "warehouse::io",
            Self::DiskFull { .. } => "warehouse::disk-full",
            Self::Busy { .. } => "warehouse::busy",
            Self::Database { .. } => "warehouse::database",
            Self::NotOurs { .. } => "warehouse::not-ours",
            Self::Version { .. } => "warehouse::version",
            Self::Path { .. } => "warehouse::path",
            Self::Unstorable { .. } => "warehouse::unstorable-type",
            Self::Inexact { .. } => "warehouse::inexact-value",
            Self::DuplicateColumn { .. } => "warehouse::duplicate-column",
            Self::NoColumns { .. } => "warehouse::no-columns",
            Self::Misfit { .. } => "warehouse::misfit-batch",
            Self::Convert { .. } => "warehouse::convert",
            Self::Parquet { .. } => "warehouse::parquet",
            Self::Stream { .. } => "warehouse::stream",
            Self::NothingStaged { .. } => "warehouse::nothing-staged",
            Self::StagedTwice { .. } => "warehouse::staged-twice",
            Self::Conflict { .. } => "warehouse::conflict",
            Self::StagedFile { .. } => "warehouse::staged-file",
            Self::NoSnapshot { .. } => "warehouse::no-snapshot",
            Self::NoTable { .. } => "warehouse::no-table",
            Self::Unreadable { .. } => "warehouse::unreadable-table",
            Self::Damaged { .. } => "warehouse::damaged",
            Self::NoIntent { .. } => "warehouse::no-intent",
            Self::ReceiptDiffers { .. } => "warehouse::receipt-differs",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Unstorable { .. }
            | Self::Inexact { .. }
            | Self::DuplicateColumn { .. }
            | Self::NoColumns { .. }
            | Self::Convert { .. }
            | Self::Stream { .. }
            | Self::NoSnapshot { .. }
            | Self::NoTable { .. } => Blame::Author,
            Self::Misfit { .. }
            | Self::NothingStaged { .. }
            | Self::StagedTwice { .. }
            | Self::NoIntent { .. }
            | Self::ReceiptDiffers { .. } => Blame::Host,
            _ => Blame::Outside,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Locked { .. } => {
                Some("wait until it has finished, or stop it; nothing was changed".into())
            }
            Self::DiskFull { .. } => {
                Some("free some space and run again; the published tables are as they were".into())
            }
            Self::Busy { .. } => Some(
                "close the program that writes to it (a DuckDB session?), then run again".into(),
            ),
            Self::Version { .. } => {
                Some("use the tsugi that wrote it, or another warehouse folder".into())
            }
            Self::NotOurs { path, .. } | Self::Damaged { path, .. } => Some(format!(
                "restore {} from a backup, or name another warehouse folder",
                path.display()
            )),
            Self::Unstorable {
                column, instead, ..
            } => Some(format!(
                "write CAST({column} AS {instead}) AS {column} in the model"
            )),
            Self::Inexact { column, .. } => Some(format!(
                "round it in the model: date_trunc('microsecond', {column}) AS {column}"
            )),
            Self::DuplicateColumn { column, .. } => {
                Some(format!("give one of them another name: … AS {column}_2"))
            }
            Self::Conflict { .. } => Some("run again: it starts from what is published now".into()),
            Self::NoTable { near, .. } => did_you_mean(near),
            Self::Unreadable { table, .. } => Some(format!(
                "read it with DuckDB, or run the pipeline again to replace {table}"
            )),
            _ => None,
        }
    }
}
