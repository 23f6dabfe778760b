//! The run store: runs and how they ended. What a run writes counts
//! only when the catalogue has its snapshot: that is looked up whenever a run may have died.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::SnapshotId;
use super::database::{Database, now_text};
use super::error::WarehouseError;
use super::publish::snapshot_of;
use super::reading;
use crate::name::RunId;

/// The file of the run store in the warehouse folder.
const FILE: &str = "state.sqlite";
/// The version of its tables, kept in SQLite's `user_version`.
const VERSION: i64 = 1;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Not ended; a process is at work, or died.
    Pending,
    /// Its tables are published.
    Published,
    /// It found nothing to do.
    Unchanged,
    /// It failed and published nothing.
    Failed,
    /// Its process died before it published.
    Interrupted,
    /// It published, and the catalogue that had its snapshot is gone.
    Lost,
}

impl RunStatus {
    fn text(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Published => "published",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Published,
            Self::Unchanged,
            Self::Failed,
            Self::Interrupted,
            Self::Lost,
        ]
        .into_iter()
        .find(|status| status.text() == text)
    }
}

/// One run as it is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Its id.
    pub run: RunId,
    /// When it began, in UTC.
    pub started_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
    /// The time variable it ran with.
    pub as_of: Option<String>,
    /// How it ended.
    pub status: RunStatus,
    /// The snapshot it published, or found unchanged.
    pub snapshot: Option<SnapshotId>,
    /// What it told of itself: plugins with digests, counts, grants.
    pub audit: Option<serde_json::Value>,
}

/// Opens the run store and the ledger, which are made when missing.
pub(super) async fn open(dir: &Path) -> Result<Database, WarehouseError> {
    let database = Database::open(dir.join(FILE)).await?;
    if version(&database).await? == 0 {
        create(&database).await?;
    }
    // Tables that came later: in one go, since every command waits for it.
    sqlx::raw_sql(include_str!("state_later.sql"))
        .execute(database.pool())
        .await
        .map_err(|source| database.failed("create the tables", source))?;
    match version(&database).await? {
        VERSION => Ok(database),
        found => Err(WarehouseError::Version {
            path: database.path().to_owned(),
            found: found.to_string(),
            known: "1",
        }),
    }
}

async fn version(database: &Database) -> Result<i64, WarehouseError> {
    sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(database.pool())
        .await
        .map_err(|source| database.failed("read the version", source))
}

async fn create(database: &Database) -> Result<(), WarehouseError> {
    let failed = |source| database.failed("create the tables", source);
    let mut transaction = database.write().await?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed)?;
    // Another process may have made them between our look and our lock.
    if tables.iter().any(|name| name == "intent") {
        return Ok(());
    }
    if let Some(name) = tables.first() {
        return Err(WarehouseError::NotOurs {
            path: database.path().to_owned(),
            expected: "run store",
            what: format!("it has the table `{name}`"),
        });
    }
    sqlx::raw_sql(include_str!("state.sql"))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    sqlx::query("PRAGMA user_version = 1")
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    database.commit(transaction).await
}

/// Whether [`settle`] has something to do.
pub(super) async fn is_unsettled(
    state: &Database,
    catalogue: &Database,
) -> Result<bool, WarehouseError> {
    let pending: i64 = sqlx::query_scalar("SELECT count(*) FROM run WHERE status = 'pending'")
        .fetch_one(state.pool())
        .await
        .map_err(|source| state.failed("look for unfinished runs", source))?;
    if pending > 0 {
        return Ok(true);
    }
    let last = newest(state, Some(RunStatus::Published)).await?;
    match last {
        Some(last) => Ok(snapshot_of(catalogue, last.run).await? != last.snapshot),
        None => Ok(false),
    }
}

/// Adopts or drops what unfinished runs wrote, by looking for their snapshots; the same for
/// finished runs when the catalogue is not the one they published in. Needs the claim.
pub(super) async fn settle(state: &Database, catalogue: &Database) -> Result<(), WarehouseError> {
    if !is_unsettled(state, catalogue).await? {
        return Ok(());
    }
    for record in runs(state).await? {
        let found = match record.status {
            RunStatus::Pending | RunStatus::Published => snapshot_of(catalogue, record.run).await?,
            _ => continue,
        };
        match (record.status, found) {
            (_, Some(_)) if found == record.snapshot => {}
            (_, Some(snapshot)) => {
                end(state, record.run, RunStatus::Published, Some(snapshot)).await?
            }
            (RunStatus::Published, None) => end(state, record.run, RunStatus::Lost, None).await?,
            (_, None) => end(state, record.run, RunStatus::Interrupted, None).await?,
        }
    }
    Ok(())
}

/// Begins a run: everything it records from now on is pending.
pub(super) async fn begin(
    state: &Database,
    run: RunId,
    as_of: Option<&str>,
) -> Result<(), WarehouseError> {
    sqlx::query("INSERT INTO run(run_id, started_at, as_of, status) VALUES (?, ?, ?, 'pending')")
        .bind(run.to_string())
        .bind(now_text())
        .bind(as_of)
        .execute(state.pool())
        .await
        .map_err(|source| state.failed("begin a run", source))?;
    Ok(())
}

/// Ends a run; what a run without a snapshot recorded of steps and sources is dropped.
pub(super) async fn end(
    state: &Database,
    run: RunId,
    status: RunStatus,
    snapshot: Option<SnapshotId>,
) -> Result<(), WarehouseError> {
    let failed = |source| state.failed("end a run", source);
    let mut transaction = state.write().await?;
    sqlx::query("UPDATE run SET status = ?, snapshot_id = ?, finished_at = coalesce(finished_at, ?) WHERE run_id = ?")
        .bind(status.text())
        .bind(snapshot.map(|id| id.0))
        .bind(now_text())
        .bind(run.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    if matches!(status, RunStatus::Published | RunStatus::Unchanged) {
        reading::supersede(&mut transaction, run)
            .await
            .map_err(failed)?;
    } else {
        sqlx::query("DELETE FROM step WHERE run_id = ?")
            .bind(run.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        reading::forget(&mut transaction, run)
            .await
            .map_err(failed)?;
    }
    state.commit(transaction).await
}

pub(super) async fn record_audit(
    state: &Database,
    run: RunId,
    audit: &serde_json::Value,
) -> Result<(), WarehouseError> {
    sqlx::query("UPDATE run SET audit = ? WHERE run_id = ?")
        .bind(audit.to_string())
        .bind(run.to_string())
        .execute(state.pool())
        .await
        .map_err(|source| state.failed("record the audit", source))?;
    Ok(())
}

const RUN_COLUMNS: &str =
    "SELECT run_id, started_at, finished_at, as_of, status, snapshot_id, audit FROM run
     WHERE ?1 IS NULL OR status = ?1 ORDER BY sequence DESC";

/// All runs, newest first.
pub(super) async fn runs(state: &Database) -> Result<Vec<RunRecord>, WarehouseError> {
    let rows = sqlx::query(RUN_COLUMNS)
        .bind(None::<&str>)
        .fetch_all(state.pool())
        .await
        .map_err(|source| state.failed("read the runs", source))?;
    rows.iter().map(|row| record(state, row)).collect()
}

/// The newest run, of one status or of any.
pub(super) async fn newest(
    state: &Database,
    status: Option<RunStatus>,
) -> Result<Option<RunRecord>, WarehouseError> {
    let row = sqlx::query(RUN_COLUMNS)
        .bind(status.map(RunStatus::text))
        .fetch_optional(state.pool())
        .await
        .map_err(|source| state.failed("read the runs", source))?;
    row.map(|row| record(state, &row)).transpose()
}

fn record(state: &Database, row: &SqliteRow) -> Result<RunRecord, WarehouseError> {
    let failed = |source| state.failed("read the runs", source);
    let text = |name: &str| row.try_get::<Option<String>, _>(name).map_err(failed);
    let id = text("run_id")?.unwrap_or_default();
    let status = text("status")?.unwrap_or_default();
    let audit = text("audit")?
        .map(|audit| serde_json::from_str(&audit))
        .transpose();
    let (Ok(run), Some(status), Ok(audit)) = (id.parse(), RunStatus::of(&status), audit) else {
        return Err(state.damaged(format!(
            "the run `{id}` with the status `{status}` cannot be read"
        )));
    };
    Ok(RunRecord {
        run,
        started_at: text("started_at")?.unwrap_or_default(),
        finished_at: text("finished_at")?,
        as_of: text("as_of")?,
        status,
        snapshot: row
            .try_get::<Option<i64>, _>("snapshot_id")
            .map_err(failed)?
            .map(SnapshotId),
        audit,
    })
}
