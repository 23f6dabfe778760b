//! Expiry: snapshots leave the catalogue, and with them the files that only they name.
//!
//! What the catalogue keeps of an expired snapshot is the line of who made it in which run: the
//! run store asks for that. Columns that ended stay too, so that no field id ever means two.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use super::error::WarehouseError;
use super::lock::Claim;
use super::progress;
use super::{SnapshotId, Swept, Warehouse};
use crate::name::TableName;

/// Whether no snapshot sees a row that has ended.
const UNSEEN: &str = "end_snapshot IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM ducklake_snapshot s WHERE s.snapshot_id >= begin_snapshot AND s.snapshot_id < end_snapshot)";
/// Where the columns of a file stand that is not seen any more.
const OF_FILES: [&str; 3] = [
    "ducklake_file_column_stats",
    "ducklake_file_variant_stats",
    "ducklake_file_partition_value",
];
/// What stands of tables, by their number.
const OF_TABLES: [&str; 6] = [
    "ducklake_column",
    "ducklake_column_tag",
    "ducklake_table_stats",
    "ducklake_table_column_stats",
    "ducklake_schema_versions",
    "ducklake_partition_info",
];

/// What expired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Snapshots.
    pub snapshots: u64,
    /// Files that were removed from the disk.
    pub swept: Swept,
}

impl Warehouse {
    /// The snapshots before the last one that have any of these files.
    ///
    /// # Errors
    /// What the catalogue says.
    pub async fn snapshots_with(
        &self,
        files: &BTreeSet<i64>,
    ) -> Result<BTreeSet<SnapshotId>, WarehouseError> {
        let ids: Vec<String> = files.iter().map(i64::to_string).collect();
        let found: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT DISTINCT s.snapshot_id FROM ducklake_snapshot s JOIN ducklake_data_file f
             ON f.begin_snapshot <= s.snapshot_id AND f.end_snapshot > s.snapshot_id
             WHERE f.data_file_id IN ({}) AND s.snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshot)",
            ids.join(",")
        )))
        .fetch_all(self.catalogue.pool())
        .await
        .map_err(|source| self.catalogue.failed("look for snapshots", source))?;
        Ok(found.into_iter().map(SnapshotId).collect())
    }

    /// The files that are in older snapshots of a table only, and may have a day before `before`
    /// (`2024-03-31`) in a column: by their bounds, or because these are not known.
    ///
    /// # Errors
    /// What the catalogue says.
    pub async fn ended_before(
        &self,
        table: &TableName,
        column: &str,
        before: &str,
    ) -> Result<BTreeSet<i64>, WarehouseError> {
        let found: Vec<i64> = sqlx::query_scalar(
            "SELECT f.data_file_id FROM ducklake_data_file f
             JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)
             LEFT JOIN ducklake_column c ON c.table_id = f.table_id AND c.column_name = ?3
               AND c.begin_snapshot <= f.begin_snapshot AND (c.end_snapshot IS NULL OR c.end_snapshot > f.begin_snapshot)
             LEFT JOIN ducklake_file_column_stats b ON b.data_file_id = f.data_file_id AND b.column_id = c.column_id
             WHERE s.schema_name = ?1 AND t.table_name = ?2 AND f.end_snapshot IS NOT NULL
               AND (b.min_value IS NULL OR substr(b.min_value, 1, 10) < ?4)",
        )
        .bind(table.schema.as_str())
        .bind(table.name.as_str())
        .bind(column)
        .bind(before)
        .fetch_all(self.catalogue.pool())
        .await
        .map_err(|source| self.catalogue.failed("look for old files", source))?;
        Ok(found.into_iter().collect())
    }

    /// Takes snapshots out of the catalogue, and removes the files that no other names. The last
    /// snapshot stays whatever is asked.
    ///
    /// # Errors
    /// What the catalogue, the run store and the disk say. Called again it goes on.
    pub async fn expire(
        &self,
        claim: &Claim,
        ids: &BTreeSet<SnapshotId>,
    ) -> Result<Expired, WarehouseError> {
        // The last change of a table is read off the rows that go now.
        let snapshot = self.snapshot().await?;
        progress::drop_stale(&self.state, &snapshot).await?;
        let failed = |source| self.catalogue.failed("expire snapshots", source);
        let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        let mut statements = vec![format!(
            "DELETE FROM ducklake_snapshot WHERE snapshot_id IN ({})
             AND snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshot)",
            ids.join(",")
        )];
        let gone = format!("SELECT data_file_id FROM ducklake_data_file WHERE {UNSEEN}");
        // Ours are removed by the janitor; those of other clients wait for theirs.
        statements.push(format!(
            "INSERT INTO ducklake_files_scheduled_for_deletion
             SELECT f.data_file_id, s.path || t.path || f.path, 1, strftime('%Y-%m-%d %H:%M:%f+00', 'now')
             FROM ducklake_data_file f JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)
             WHERE f.data_file_id IN ({gone}) AND f.path_is_relative = 1 AND f.path NOT LIKE 'tsugi-%'
               AND NOT EXISTS (SELECT 1 FROM ducklake_files_scheduled_for_deletion d WHERE d.data_file_id = f.data_file_id)"
        ));
        statements
            .extend(OF_FILES.map(|of| format!("DELETE FROM {of} WHERE data_file_id IN ({gone})")));
        for files in [
            "ducklake_data_file",
            "ducklake_delete_file",
            "ducklake_table",
        ] {
            statements.push(format!("DELETE FROM {files} WHERE {UNSEEN}"));
        }
        statements.extend(OF_TABLES.map(|of| {
            format!("DELETE FROM {of} WHERE table_id NOT IN (SELECT table_id FROM ducklake_table)")
        }));
        let mut transaction = self.catalogue.write().await?;
        let mut snapshots = 0;
        for (index, statement) in statements.into_iter().enumerate() {
            let done = sqlx::query(AssertSqlSafe(statement))
                .execute(&mut *transaction)
                .await;
            let done = done.map_err(failed)?;
            if index == 0 {
                snapshots = done.rows_affected();
            }
        }
        self.catalogue.commit(transaction).await?;
        let swept = self.sweep(claim).await?;
        Ok(Expired { snapshots, swept })
    }
}
