//! Runs and how they ended.

use ducklake::SnapshotId;
use ducklake::sqlite::{Database, now_text};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::database::drop_unpublished;
use crate::store::error::WarehouseError;
use tsugi_core::name::RunId;

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
    /// It made tables for somebody to look at, and was not to publish.
    Previewed,
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
            Self::Previewed => "previewed",
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
            Self::Previewed,
            Self::Interrupted,
            Self::Lost,
        ]
        .into_iter()
        .find(|status| status.text() == text)
    }
}

/// One run in the run store.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    pub run: RunId,
    /// When it began, in UTC.
    pub(crate) started_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
    /// The time variable it ran with.
    pub as_of: Option<String>,
    pub status: RunStatus,
    /// The snapshot it published, or found unchanged.
    pub snapshot: Option<SnapshotId>,
    /// Its own report: plugins with digests, counts, grants.
    pub audit: Option<serde_json::Value>,
}

/// Begins a run: everything it records from now on is pending.
pub(in crate::store) async fn begin(
    state: &Database,
    run: RunId,
    as_of: Option<&str>,
) -> Result<u64, WarehouseError> {
    let begun = sqlx::query(
        "INSERT INTO run(run_id, started_at, as_of, status) VALUES (?, ?, ?, 'pending')",
    )
    .bind(run.to_string())
    .bind(now_text())
    .bind(as_of)
    .execute(state.pool())
    .await
    .map_err(|source| state.failed("begin a run", source))?;
    Ok(begun.last_insert_rowid().unsigned_abs())
}

/// Ends a run; what a run without a snapshot recorded of steps and sources is dropped.
pub(in crate::store) async fn end(
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
        supersede_read_states(&mut transaction, run)
            .await
            .map_err(failed)?;
    } else {
        sqlx::query("DELETE FROM step WHERE run_id = ?")
            .bind(run.to_string())
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        delete_read_states(&mut transaction, run)
            .await
            .map_err(failed)?;
    }
    state.commit(transaction).await?;
    if matches!(status, RunStatus::Published | RunStatus::Unchanged) {
        drop_unpublished(state)?;
    }
    Ok(())
}

/// Deletes what a run that does not count had recorded.
async fn delete_read_states(
    connection: &mut SqliteConnection,
    run: RunId,
) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM checkpoint WHERE run_id = ?",
        "DELETE FROM reading WHERE run_id = ?",
    ] {
        sqlx::query(statement)
            .bind(run.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Deletes the read states of earlier runs for the streams that a run has read.
async fn supersede_read_states(
    connection: &mut SqliteConnection,
    run: RunId,
) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM checkpoint WHERE run_id <> ?1 AND EXISTS (SELECT 1 FROM reading n
           WHERE n.run_id = ?1 AND n.source = checkpoint.source AND n.stream = checkpoint.stream)",
        "DELETE FROM reading WHERE run_id <> ?1 AND EXISTS (SELECT 1 FROM reading n
           WHERE n.run_id = ?1 AND n.source = reading.source AND n.stream = reading.stream)",
    ] {
        sqlx::query(statement)
            .bind(run.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(in crate::store) async fn record_audit(
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
pub(in crate::store) async fn runs(state: &Database) -> Result<Vec<RunRecord>, WarehouseError> {
    let rows = sqlx::query(RUN_COLUMNS)
        .bind(None::<&str>)
        .fetch_all(state.pool())
        .await
        .map_err(|source| state.failed("read the runs", source))?;
    rows.iter().map(|row| record(state, row)).collect()
}

/// The newest run, of one status or of any.
pub(in crate::store) async fn newest(
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
        return Err(state
            .damaged(format!(
                "the run `{id}` with the status `{status}` cannot be read"
            ))
            .into());
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
