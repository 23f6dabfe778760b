//! What runs completed: fingerprints of steps, and of checks that passed. They count when their run does.

use std::collections::{BTreeMap, BTreeSet};

use ducklake::SnapshotId;

use super::run::Run;
use crate::store::error::WarehouseError;
use crate::store::snapshot::Snapshot;
use crate::store::warehouse::Warehouse;
use tsugi_core::name::{CheckName, RunId, TableName};

/// The fingerprint that a published table was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRecord {
    pub fingerprint: String,
    /// The run that made the table.
    pub run: RunId,
    /// The snapshot it is in.
    pub snapshot: SnapshotId,
}

impl Run {
    /// Records what a table of this run was made from.
    ///
    /// # Errors
    /// Database errors.
    pub async fn record_step(
        &self,
        table: &TableName,
        fingerprint: &str,
    ) -> Result<(), WarehouseError> {
        let state = self.warehouse().state();
        sqlx::query(
            "INSERT OR REPLACE INTO step(run_id, table_name, fingerprint) VALUES (?, ?, ?)",
        )
        .bind(self.id().to_string())
        .bind(table.to_string())
        .bind(fingerprint)
        .execute(state.pool())
        .await
        .map_err(|source| state.failed("record a step", source))?;
        Ok(())
    }

    /// Records what tables are made of, by their fingerprints, and forgets it of those that no run has
    /// any more.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn record_made_of(
        &self,
        tables: impl IntoIterator<Item = (TableName, String, String)>,
    ) -> Result<(), WarehouseError> {
        let state = self.warehouse().state();
        let failed = |source| state.failed("record what tables are made of", source);
        let mut transaction = state.write().await?;
        for (table, fingerprint, parts) in tables {
            sqlx::query("INSERT OR REPLACE INTO made_of VALUES (?, ?, ?)")
                .bind(table.to_string())
                .bind(fingerprint)
                .bind(parts)
                .execute(&mut *transaction)
                .await
                .map_err(failed)?;
        }
        sqlx::query(
            "DELETE FROM made_of WHERE NOT EXISTS (SELECT 1 FROM step s
             WHERE s.table_name = made_of.table_name AND s.fingerprint = made_of.fingerprint)",
        )
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
        Ok(state.commit(transaction).await?)
    }

    /// Records that a check found nothing.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn record_passed(
        &self,
        check: &CheckName,
        fingerprint: &str,
    ) -> Result<(), WarehouseError> {
        let state = self.warehouse().state();
        sqlx::query(
            "INSERT OR REPLACE INTO passed(run_id, check_name, fingerprint) VALUES (?, ?, ?)",
        )
        .bind(self.id().to_string())
        .bind(check.to_string())
        .bind(fingerprint)
        .execute(state.pool())
        .await
        .map_err(|source| state.failed("record a check", source))?;
        Ok(())
    }
}

impl Warehouse {
    /// The fingerprints of all checks that passed in runs that count.
    ///
    /// # Errors
    /// Database errors.
    pub async fn passed(&self) -> Result<BTreeSet<String>, WarehouseError> {
        let state = self.state();
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT p.fingerprint FROM passed p JOIN run r USING (run_id) WHERE r.status IN ('published', 'unchanged')",
        )
        .fetch_all(state.pool())
        .await
        .map_err(|source| state.failed("read which checks passed", source))?;
        Ok(found.into_iter().collect())
    }

    /// What tables were made of, by table and fingerprint.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) async fn made_of(
        &self,
    ) -> Result<BTreeMap<(String, String), String>, WarehouseError> {
        let state = self.state();
        let rows: Vec<(String, String, String)> =
            sqlx::query_as("SELECT table_name, fingerprint, parts FROM made_of")
                .fetch_all(state.pool())
                .await
                .map_err(|source| state.failed("read what tables were made of", source))?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(table, fingerprint, parts)| ((table, fingerprint), parts))
            .collect())
    }

    /// The newest fingerprint of every table of a snapshot that had not changed since its run: a
    /// step with the same fingerprint need not run again.
    ///
    /// # Errors
    /// Database errors.
    pub async fn steps(
        &self,
        snapshot: &Snapshot,
    ) -> Result<BTreeMap<TableName, StepRecord>, WarehouseError> {
        let state = self.state();
        let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
            "SELECT s.table_name, s.fingerprint, s.run_id, r.snapshot_id FROM step s JOIN run r USING (run_id)
             WHERE r.status IN ('published', 'unchanged') AND r.snapshot_id <= ? ORDER BY r.sequence",
        )
        .bind(snapshot.info.id.0)
        .fetch_all(state.pool())
        .await
        .map_err(|source| state.failed("read the fingerprints", source))?;
        let mut newest = BTreeMap::new();
        for (table, fingerprint, run, id) in rows {
            let parsed = (table.parse::<TableName>(), run.parse::<RunId>());
            let (Ok(table), Ok(run)) = parsed else {
                let what = format!("it has the table `{table}` of run `{run}`");
                return Err(state.damaged(what).into());
            };
            newest.insert(
                table,
                StepRecord {
                    fingerprint,
                    run,
                    snapshot: SnapshotId(id),
                },
            );
        }
        newest.retain(|table, step| {
            let found = snapshot.tables.get(table);
            found.is_some_and(|found| found.changed_in <= step.snapshot)
        });
        Ok(newest)
    }
}
