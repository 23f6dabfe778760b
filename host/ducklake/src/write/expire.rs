//! Expiry: snapshots leave the catalogue, and with them the files that only they name.
//!
//! The line of who made an expired snapshot, with its `extra_info`, stays in the catalogue, so
//! that it can still be looked up. Columns that ended stay too, so that no field id ever means two.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::janitor::Swept;
use crate::error::Error;
use crate::lake::Lake;
use crate::lock::Claim;
use crate::name::{LakeTableName, SnapshotId};

/// Whether no snapshot sees a row that has ended.
const UNSEEN: &str = "end_snapshot IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM ducklake_snapshot s WHERE s.snapshot_id >= begin_snapshot AND s.snapshot_id < end_snapshot)";
/// Catalogue tables about files, by `data_file_id`.
const OF_FILES: [&str; 3] = [
    "ducklake_file_column_stats",
    "ducklake_file_variant_stats",
    "ducklake_file_partition_value",
];
/// Catalogue tables about tables, by `table_id`.
const OF_TABLES: [&str; 6] = [
    "ducklake_column",
    "ducklake_column_tag",
    "ducklake_table_stats",
    "ducklake_table_column_stats",
    "ducklake_schema_versions",
    "ducklake_partition_info",
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    pub snapshots: u64,
    /// Files that were removed from the disk.
    pub swept: Swept,
}

/// A snapshot before the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderSnapshot {
    pub id: SnapshotId,
    /// When the next one replaced it, in UTC.
    pub until: String,
    /// What goes from the disk when it expires after all snapshots before it.
    pub bytes: u64,
}

impl Lake {
    /// The snapshots before the last one, oldest first, and the bytes of the live files.
    ///
    /// # Errors
    /// Database errors.
    pub async fn older_snapshots(&self) -> Result<(Vec<OlderSnapshot>, u64), Error> {
        let failed = |source| self.catalogue().failed("look at older snapshots", source);
        let mut transaction = self.catalogue().read().await?;
        let snapshots: Vec<(i64, String)> = sqlx::query_as(
            "SELECT snapshot_id, coalesce(snapshot_time, '') FROM ducklake_snapshot ORDER BY snapshot_id",
        )
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed)?;
        let spans: Vec<(Option<i64>, i64)> = sqlx::query_as(
            "SELECT end_snapshot, sum(file_size_bytes) FROM ducklake_data_file GROUP BY end_snapshot",
        )
        .fetch_all(&mut *transaction)
        .await
        .map_err(failed)?;
        let following = snapshots.iter().skip(1);
        let mut older: Vec<OlderSnapshot> = snapshots
            .iter()
            .zip(following)
            .map(|((id, _), (_, until))| OlderSnapshot {
                id: SnapshotId(*id),
                until: until.clone(),
                bytes: 0,
            })
            .collect();
        let mut live = 0;
        for (end, bytes) in spans {
            let bytes = bytes.unsigned_abs();
            // The last snapshot that sees a file which ended.
            let last = end.map(|end| older.partition_point(|one| one.id.0 < end));
            match last {
                None => live += bytes,
                Some(place) => {
                    if let Some(one) = place.checked_sub(1).and_then(|at| older.get_mut(at)) {
                        one.bytes += bytes;
                    }
                }
            }
        }
        Ok((older, live))
    }

    /// The snapshots before the last one that have any of these files.
    ///
    /// # Errors
    /// Database errors.
    pub async fn snapshots_with(
        &self,
        files: &BTreeSet<i64>,
    ) -> Result<BTreeSet<SnapshotId>, Error> {
        let ids: Vec<String> = files.iter().map(i64::to_string).collect();
        let found: Vec<i64> = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT DISTINCT s.snapshot_id FROM ducklake_snapshot s JOIN ducklake_data_file f
             ON f.begin_snapshot <= s.snapshot_id AND f.end_snapshot > s.snapshot_id
             WHERE f.data_file_id IN ({}) AND s.snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshot)",
            ids.join(",")
        )))
        .fetch_all(self.catalogue().pool())
        .await
        .map_err(|source| self.catalogue().failed("look for snapshots", source))?;
        Ok(found.into_iter().map(SnapshotId).collect())
    }

    /// The files that are only in older snapshots of a table and may have a day before `before`
    /// (`2024-03-31`) in a column: by their bounds, or because these are unknown.
    ///
    /// # Errors
    /// Database errors.
    pub async fn ended_before(
        &self,
        table: &LakeTableName,
        column: &str,
        before: &str,
    ) -> Result<BTreeSet<i64>, Error> {
        let found: Vec<i64> = sqlx::query_scalar(
            "SELECT f.data_file_id FROM ducklake_data_file f
             JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)
             LEFT JOIN ducklake_column c ON c.table_id = f.table_id AND c.column_name = ?3
               AND c.begin_snapshot <= f.begin_snapshot AND (c.end_snapshot IS NULL OR c.end_snapshot > f.begin_snapshot)
             LEFT JOIN ducklake_file_column_stats b ON b.data_file_id = f.data_file_id AND b.column_id = c.column_id
             WHERE s.schema_name = ?1 AND t.table_name = ?2 AND f.end_snapshot IS NOT NULL
               AND (b.min_value IS NULL OR substr(b.min_value, 1, 10) < ?4)",
        )
        .bind(&table.schema)
        .bind(&table.name)
        .bind(column)
        .bind(before)
        .fetch_all(self.catalogue().pool())
        .await
        .map_err(|source| self.catalogue().failed("look for old files", source))?;
        Ok(found.into_iter().collect())
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
    ) -> Result<Expired, Error> {
        let mut transaction = self.catalogue().write().await?;
        let snapshots = self
            .expire_rows(&mut transaction, ids)
            .await
            .map_err(|source| self.catalogue().failed("expire snapshots", source))?;
        self.catalogue().commit(transaction).await?;
        let swept = self.sweep(claim).await?;
        Ok(Expired { snapshots, swept })
    }

    async fn expire_rows(
        &self,
        connection: &mut SqliteConnection,
        ids: &BTreeSet<SnapshotId>,
    ) -> Result<u64, sqlx::Error> {
        let ids: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        let expired = sqlx::query(AssertSqlSafe(format!(
            "DELETE FROM ducklake_snapshot WHERE snapshot_id IN ({})
             AND snapshot_id < (SELECT max(snapshot_id) FROM ducklake_snapshot)",
            ids.join(",")
        )));
        let snapshots = expired.execute(&mut *connection).await?.rows_affected();
        let gone = format!("SELECT data_file_id FROM ducklake_data_file WHERE {UNSEEN}");
        // Our own files are removed by the janitor; those of other clients wait for theirs.
        let scheduled = sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO ducklake_files_scheduled_for_deletion(data_file_id, path, path_is_relative, schedule_start)
             SELECT f.data_file_id, s.path || t.path || f.path, 1, strftime('%Y-%m-%d %H:%M:%f+00', 'now')
             FROM ducklake_data_file f JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)
             WHERE f.data_file_id IN ({gone}) AND f.path_is_relative = 1
               AND substr(f.path, 1, length(?1)) <> ?1
               AND NOT EXISTS (SELECT 1 FROM ducklake_files_scheduled_for_deletion d WHERE d.data_file_id = f.data_file_id)"
        )));
        scheduled
            .bind(self.writer().file_prefix())
            .execute(&mut *connection)
            .await?;
        let of_files =
            OF_FILES.map(|of| format!("DELETE FROM {of} WHERE data_file_id IN ({gone})"));
        let themselves = [
            "ducklake_data_file",
            "ducklake_delete_file",
            "ducklake_table",
        ]
        .map(|rows| format!("DELETE FROM {rows} WHERE {UNSEEN}"));
        let of_tables = OF_TABLES.map(|of| {
            format!("DELETE FROM {of} WHERE table_id NOT IN (SELECT table_id FROM ducklake_table)")
        });
        for statement in of_files.into_iter().chain(themselves).chain(of_tables) {
            sqlx::query(AssertSqlSafe(statement))
                .execute(&mut *connection)
                .await?;
        }
        Ok(snapshots)
    }
}
