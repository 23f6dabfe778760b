//! Older snapshots expire, and with them what runs recorded about them.

use std::collections::BTreeSet;

use ducklake::{Claim, Expired, OlderSnapshot, SnapshotId};
use sqlx::AssertSqlSafe;

use crate::project::keep::Keep;
use crate::store::error::WarehouseError;
use crate::store::warehouse::Warehouse;

/// What a rule lets expire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expirable {
    /// Oldest first.
    pub snapshots: Vec<SnapshotId>,
    /// What goes from the disk with them.
    pub bytes: u64,
    /// Older snapshots that remain.
    pub kept: usize,
}

impl Warehouse {
    /// Which older snapshots a rule lets expire now.
    ///
    /// # Errors
    /// Database errors.
    pub async fn expirable(&self, keep: Keep) -> Result<Expirable, WarehouseError> {
        let (older, live) = self.lake().older_snapshots().await?;
        let expire = keep.expired(&older, live, chrono::Utc::now());
        let (expired, kept) = older.split_at(expire.min(older.len()));
        Ok(Expirable {
            snapshots: expired.iter().map(|one| one.id).collect(),
            bytes: expired.iter().map(|one| one.bytes).sum(),
            kept: kept.len(),
        })
    }

    /// Takes snapshots out of the catalogue, and removes the files that no other names. The last
    /// snapshot always remains.
    ///
    /// # Errors
    /// Disk and database errors. Called again it continues.
    pub async fn expire(
        &self,
        claim: &Claim,
        ids: &BTreeSet<SnapshotId>,
    ) -> Result<Expired, WarehouseError> {
        // The last change of a table is read off the rows that go now.
        self.mark_stale().await?;
        let expired = self.lake().expire(claim, ids).await?;
        self.forget_progress().await?;
        Ok(expired)
    }

    /// Expires what a rule lets go at the end of a run, unless another process is at work.
    ///
    /// # Errors
    /// Disk and database errors. Called again it continues.
    pub async fn expire_by(&self, keep: Keep) -> Result<Expired, WarehouseError> {
        let expirable = self.expirable(keep).await?;
        if expirable.snapshots.is_empty() {
            return Ok(Expired::default());
        }
        match self.lake().claim_if_free("expiring old snapshots").await? {
            None => Ok(Expired::default()),
            Some(claim) => {
                let ids = expirable.snapshots.into_iter().collect();
                self.expire(&claim, &ids).await
            }
        }
    }

    /// Empties the fingerprints of tables that changed since their run: once the rows that show the
    /// change are gone from the catalogue, they would count as unchanged. That a run made the
    /// tables remains.
    async fn mark_stale(&self) -> Result<(), WarehouseError> {
        let state = self.state();
        let current = self.steps(&self.snapshot().await?).await?;
        let current: BTreeSet<String> = current.keys().map(ToString::to_string).collect();
        let failed = |source| state.failed("drop old fingerprints", source);
        let mut transaction = state.write().await?;
        let recorded: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT table_name FROM step WHERE fingerprint <> ''")
                .fetch_all(&mut *transaction)
                .await
                .map_err(failed)?;
        for name in recorded.iter().filter(|name| !current.contains(*name)) {
            sqlx::query("UPDATE step SET fingerprint = '' WHERE table_name = ?")
                .bind(name)
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
        }
        Ok(state.commit(transaction).await?)
    }

    /// Deletes what runs recorded that no snapshot needs any more: fingerprints and passed checks
    /// that newer ones replaced, and the lists of tables and input files in audits. Who made which
    /// snapshot with which plugins remains.
    async fn forget_progress(&self) -> Result<(), WarehouseError> {
        let state = self.state();
        let failed = |source| state.failed("forget old progress", source);
        let history = self.lake().history().await?;
        let Some(oldest) = history.last().map(|first| first.id.0) else {
            return Ok(());
        };
        let replaced = |table: &str, key: &str| {
            format!(
                "DELETE FROM {table} WHERE rowid IN (SELECT id FROM (
                   SELECT p.rowid AS id, row_number() OVER (PARTITION BY {key} ORDER BY r.sequence DESC) AS age
                   FROM {table} p JOIN run r USING (run_id)
                   WHERE r.status IN ('published', 'unchanged') AND r.snapshot_id <= ?1)
                 WHERE age > 1)"
            )
        };
        let audits = "UPDATE run SET audit = json_remove(audit, '$.steps', '$.inputs', '$.notices')
             WHERE json_type(audit, '$.steps') IS NOT NULL
               AND (status <> 'published' OR snapshot_id < ?1)
               AND sequence < (SELECT max(sequence) FROM run)"
            .to_owned();
        let mut transaction = state.write().await?;
        for statement in [
            replaced("step", "table_name"),
            replaced("passed", "check_name"),
            audits,
        ] {
            sqlx::query(AssertSqlSafe(statement))
                .bind(oldest)
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
        }
        Ok(state.commit(transaction).await?)
    }
}

impl Keep {
    /// How many of the older snapshots, oldest first, the rule lets expire.
    fn expired(
        self,
        older: &[OlderSnapshot],
        live_bytes: u64,
        now: chrono::DateTime<chrono::Utc>,
    ) -> usize {
        match self {
            Self::All => 0,
            Self::Snapshots(count) => {
                let kept = usize::try_from(count)
                    .unwrap_or(usize::MAX)
                    .saturating_sub(1);
                older.len().saturating_sub(kept)
            }
            Self::Since(span) => {
                let first = now.checked_sub_signed(span);
                let first = first.map(ducklake::sqlite::moment_text).unwrap_or_default();
                older.partition_point(|one| one.until < first)
            }
            Self::Half => {
                let mut bytes: u64 = older.iter().map(|one| one.bytes).sum();
                let previous = older.len().saturating_sub(1);
                let fits = |one: &OlderSnapshot| {
                    let fits = bytes <= live_bytes / 2;
                    bytes -= one.bytes;
                    fits
                };
                older
                    .iter()
                    .position(fits)
                    .unwrap_or(previous)
                    .min(previous)
            }
        }
    }
}
