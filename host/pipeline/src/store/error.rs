//! What can go wrong in the warehouse, and who must act.

use ducklake::{Error, SnapshotId};

use tsugi_core::diagnostic::{Blame, Explain, did_you_mean};
use tsugi_core::name::TableName;

/// Every failure of the warehouse. Nothing is half published after any of them.
#[derive(Debug, thiserror::Error)]
pub enum WarehouseError {
    /// The lake failed, or the run store beside it.
    #[error(transparent)]
    Lake(#[from] Error),
    /// No such table in a snapshot.
    #[error("there is no table {table} in snapshot {snapshot}")]
    NoTable {
        /// The one that was requested.
        table: TableName,
        snapshot: SnapshotId,
        /// Names that may have been meant.
        near: Vec<String>,
    },
    /// A receipt for a row that was never intended.
    #[error("there is no intent for `{key}`")]
    NoIntent {
        /// The key of the row.
        key: String,
    },
    /// The account has a key and it cannot be used.
    #[error("the key with which this account signs cannot be used: {source}")]
    NoKey { source: std::io::Error },
    /// A second, different receipt for one attempt.
    #[error("`{key}` already has the receipt `{recorded}`, not `{given}`")]
    ReceiptDiffers {
        /// The key of the row.
        key: String,
        /// The one in the ledger.
        recorded: String,
        /// The second one.
        given: String,
    },
}

impl Explain for WarehouseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Lake(error) => lake_code(error),
            Self::NoTable { .. } => "warehouse::no-table",
            Self::NoIntent { .. } => "warehouse::no-intent",
            Self::NoKey { .. } => "warehouse::no-key",
            Self::ReceiptDiffers { .. } => "warehouse::receipt-differs",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Lake(error) => lake_blame(error),
            Self::NoTable { .. } => Blame::Author,
            Self::NoIntent { .. } | Self::ReceiptDiffers { .. } => Blame::Host,
            Self::NoKey { .. } => Blame::Outside,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Lake(error) => lake_hint(error),
            Self::NoTable { near, .. } => did_you_mean(near),
            Self::NoIntent { .. } | Self::ReceiptDiffers { .. } => None,
            Self::NoKey { .. } => Some(
                "nothing was written; make the file readable for this account alone, or move it away: the next command makes a new key, which other accounts must accept".to_owned(),
            ),
        }
    }
}

fn lake_code(error: &Error) -> &'static str {
    match error {
        Error::Locked { .. } => "warehouse::locked",
        Error::Io { .. } => "warehouse::io",
        Error::DiskFull { .. } => "warehouse::disk-full",
        Error::Busy { .. } => "warehouse::busy",
        Error::ReadOnly { .. } => "warehouse::read-only",
        Error::NotReadable { .. } => "warehouse::not-readable",
        Error::Unfinished { .. } => "warehouse::unfinished",
        Error::Database { .. } => "warehouse::database",
        Error::NotOurs { .. } => "warehouse::not-ours",
        Error::Version { .. } => "warehouse::version",
        Error::Path { .. } => "warehouse::path",
        Error::Unstorable { .. } => "warehouse::unstorable-type",
        Error::Inexact { .. } => "warehouse::inexact-value",
        Error::DuplicateColumn { .. } => "warehouse::duplicate-column",
        Error::NoColumns { .. } => "warehouse::no-columns",
        Error::Misfit { .. } => "warehouse::misfit-batch",
        Error::Convert { .. } => "warehouse::convert",
        Error::Parquet { .. } => "warehouse::parquet",
        Error::Stream { .. } => "warehouse::stream",
        Error::NothingStaged => "warehouse::nothing-staged",
        Error::StagedTwice { .. } => "warehouse::staged-twice",
        Error::Conflict { .. } => "warehouse::conflict",
        Error::StagedFile { .. } => "warehouse::staged-file",
        Error::LostFile { .. } => "warehouse::lost-file",
        Error::DamagedFile { .. } => "warehouse::damaged-file",
        Error::NoSnapshot { .. } => "warehouse::no-snapshot",
        Error::NoTable { .. } => "warehouse::no-table",
        Error::Unreadable { .. } => "warehouse::unreadable-table",
        Error::Damaged { .. } => "warehouse::damaged",
    }
}

fn lake_blame(error: &Error) -> Blame {
    match error {
        Error::Unstorable { .. }
        | Error::Inexact { .. }
        | Error::DuplicateColumn { .. }
        | Error::NoColumns { .. }
        | Error::Convert { .. }
        | Error::Stream { .. }
        | Error::NoSnapshot { .. }
        | Error::NoTable { .. } => Blame::Author,
        Error::Misfit { .. } | Error::NothingStaged | Error::StagedTwice { .. } => Blame::Host,
        _ => Blame::Outside,
    }
}

fn lake_hint(error: &Error) -> Option<String> {
    match error {
        Error::Locked { .. } => {
            Some("wait until it has finished, or stop it; nothing was changed".into())
        }
        Error::DiskFull { .. } => {
            Some("free some space and run again; the published tables are as they were. `tsugi warehouse size DIR` says what takes it, `tsugi warehouse expire DIR --keep \"1 snapshots\"` removes older snapshots".into())
        }
        Error::Busy { .. } => {
            Some("close the program that writes to it (a DuckDB session?), then run again".into())
        }
        Error::ReadOnly { .. } => {
            Some("`tsugi query` reads it; to change it, run as an account that may write its folder".into())
        }
        Error::NotReadable { .. } => Some(
            "run as the account that it belongs to; that one opens it to its group with `chmod -R g+rX` on the folder".into(),
        ),
        Error::Unfinished { .. } => Some(
            "query it once with an account that may write its folder, or copy the folder to where that is possible".into(),
        ),
        Error::Version { .. } => {
            Some("use the tsugi that wrote it, or another warehouse folder".into())
        }
        Error::NotOurs { path, .. } | Error::Damaged { path, .. }
            if path.parent().is_some_and(|folder| folder.ends_with("warehouse")) =>
        {
            Some(
                "delete the folder warehouse/ (not ledger/): the next run makes all tables again; \
                 or restore it from a backup"
                    .into(),
            )
        }
        Error::NotOurs { path, .. } | Error::Damaged { path, .. } => Some(format!(
            "restore {} from a backup, or name another warehouse folder",
            path.display()
        )),
        Error::DamagedFile { .. } => Some(
            "`tsugi warehouse verify DIR` finds every damaged file; `tsugi warehouse repair DIR` \
             lets the next run make their tables again"
                .into(),
        ),
        Error::Unstorable {
            column, instead, ..
        } => Some(format!(
            "write CAST({column} AS {instead}) AS {column} in the model"
        )),
        Error::Inexact { column, .. } => Some(format!(
            "round it in the model: date_trunc('microsecond', {column}) AS {column}"
        )),
        Error::DuplicateColumn { column, .. } => {
            Some(format!("give one of them another name: … AS {column}_2"))
        }
        Error::LostFile { table, .. } => Some(format!(
            "run the pipeline: it makes {table} again; `tsugi warehouse verify DIR` looks for more"
        )),
        Error::Conflict { .. } => Some("run again: it starts from what is published now".into()),
        Error::Unreadable { table, .. } => Some(format!(
            "read it with DuckDB, or run the pipeline again to replace {table}"
        )),
        _ => None,
    }
}
