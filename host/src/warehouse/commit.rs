//! One snapshot in the making: the rows of the catalogue that replace the content of tables.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::SnapshotId;
use super::catalog::{LastSnapshot, Standing, standing};
use super::columns::{LakeColumn, rows};
use super::database::{Database, now_text};
use super::error::WarehouseError;
use super::foreign::end_rows;
use super::publish::extra_info;
use super::stage::{StagedFile, StagedTable};
use crate::name::{RunId, TableName};

/// Who a snapshot of ours names as its author.
const AUTHOR: &str = "tsugi";

/// One snapshot in the making.
pub(super) struct Commit<'a> {
    pub(super) database: &'a Database,
    pub(super) connection: &'a mut SqliteConnection,
    last: LastSnapshot,
    /// The last snapshot that changed each table.
    changed: HashMap<i64, i64>,
    pub(super) id: i64,
    next_catalog_id: i64,
    next_file_id: i64,
    is_schema_changed: bool,
    pub(super) changes: Vec<String>,
}

impl<'a> Commit<'a> {
    pub(super) fn after(
        database: &'a Database,
        connection: &'a mut SqliteConnection,
        last: LastSnapshot,
        changed: HashMap<i64, i64>,
    ) -> Self {
        Self {
            database,
            connection,
            last,
            changed,
            id: last.id + 1,
            next_catalog_id: last.next_catalog_id,
            next_file_id: last.next_file_id,
            is_schema_changed: false,
            changes: Vec::new(),
        }
    }

    fn failed(&self, source: sqlx::Error) -> WarehouseError {
        self.database.failed("publish", source)
    }

    /// Makes the staged rows the whole content of their table.
    pub(super) async fn replace(&mut self, staged: &StagedTable) -> Result<(), WarehouseError> {
        let now = standing(self.database, &mut *self.connection, &staged.table).await?;
        self.check_unchanged(staged, &now).await?;
        let table_id = match now.table_id {
            Some(id) => {
                self.alter(id, &staged.columns, &now.columns).await?;
                let kept = self.kept(id, staged).await?;
                let (database, snapshot) = (self.database, SnapshotId(self.id));
                let ended = end_rows(database, &mut *self.connection, id, snapshot, &kept).await?;
                if ended {
                    self.changes.push(format!("deleted_from_table:{id}"));
                }
                id
            }
            None => self.create(staged, &now).await?,
        };
        self.add_files(table_id, staged).await
    }

    /// The numbers of the files that stay, as a list of SQL. Each must be there still.
    async fn kept(&mut self, table: i64, staged: &StagedTable) -> Result<String, WarehouseError> {
        let ids: Vec<String> = staged.kept.iter().map(|file| file.id.to_string()).collect();
        let ids = ids.join(",");
        let live: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT count(*) FROM ducklake_data_file
             WHERE table_id = ? AND end_snapshot IS NULL AND data_file_id IN ({ids})"
        )))
        .bind(table)
        .fetch_one(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        if u64::try_from(live).is_ok_and(|live| live == staged.kept.len() as u64) {
            return Ok(ids);
        }
        Err(WarehouseError::Conflict {
            table: staged.table.clone(),
            what: "files that were to stay in it are gone".into(),
        })
    }

    /// Fails when the table is not as it was when staging began: rows that another client
    /// wrote since would be lost without a word.
    async fn check_unchanged(
        &mut self,
        staged: &StagedTable,
        now: &Standing,
    ) -> Result<(), WarehouseError> {
        let before = &staged.standing;
        let conflict = |what: String| WarehouseError::Conflict {
            table: staged.table.clone(),
            what,
        };
        if now.table_id != before.table_id {
            return Err(conflict("it was created, dropped or renamed".into()));
        }
        if now.columns != before.columns || now.next_column_id != before.next_column_id {
            return Err(conflict("its columns are others".into()));
        }
        if now.folder != before.folder {
            return Err(conflict("it lies in another folder".into()));
        }
        if let Some(table_id) = now.table_id
            && let Some(at) = self
                .changed
                .get(&table_id)
                .filter(|at| **at > before.snapshot)
        {
            return Err(conflict(format!("snapshot {at} wrote to it")));
        }
        let views: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM ducklake_view WHERE schema_id = ? AND view_name = ? AND end_snapshot IS NULL",
        )
        .bind(now.schema_id)
        .bind(staged.table.name.as_str())
        .fetch_one(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        if views > 0 {
            return Err(conflict("there is a view of that name".into()));
        }
        Ok(())
    }

    async fn schema_id(
        &mut self,
        table: &TableName,
        found: Option<i64>,
    ) -> Result<i64, WarehouseError> {
        if let Some(id) = found {
            return Ok(id);
        }
        let id = self.next_catalog_id;
        self.next_catalog_id += 1;
        self.is_schema_changed = true;
        sqlx::query("INSERT INTO ducklake_schema VALUES (?, ?, ?, NULL, ?, ?, 1)")
            .bind(id)
            .bind(uuid::Uuid::now_v7().to_string())
            .bind(self.id)
            .bind(table.schema.as_str())
            .bind(format!("{}/", table.schema))
            .execute(&mut *self.connection)
            .await
            .map_err(|source| self.failed(source))?;
        self.changes
            .push(format!("created_schema:\"{}\"", table.schema));
        Ok(id)
    }

    async fn create(
        &mut self,
        staged: &StagedTable,
        now: &Standing,
    ) -> Result<i64, WarehouseError> {
        let table = &staged.table;
        let schema_id = self.schema_id(table, now.schema_id).await?;
        let id = self.next_catalog_id;
        self.next_catalog_id += 1;
        sqlx::query("INSERT INTO ducklake_table VALUES (?, ?, ?, NULL, ?, ?, ?, 1)")
            .bind(id)
            .bind(uuid::Uuid::now_v7().to_string())
            .bind(self.id)
            .bind(schema_id)
            .bind(table.name.as_str())
            .bind(format!("{}/", table.name))
            .execute(&mut *self.connection)
            .await
            .map_err(|source| self.failed(source))?;
        self.changes.push(format!(
            "created_table:\"{}\".\"{}\"",
            table.schema, table.name
        ));
        self.write_columns(id, &staged.columns, &[]).await?;
        Ok(id)
    }

    async fn alter(
        &mut self,
        id: i64,
        to: &[LakeColumn],
        from: &[LakeColumn],
    ) -> Result<(), WarehouseError> {
        if self.write_columns(id, to, from).await? {
            self.changes.push(format!("altered_table:{id}"));
        }
        Ok(())
    }

    /// Ends the column rows that no longer hold and begins the new ones; tells whether any did.
    async fn write_columns(
        &mut self,
        table_id: i64,
        to: &[LakeColumn],
        from: &[LakeColumn],
    ) -> Result<bool, WarehouseError> {
        let (old, new) = (rows(from), rows(to));
        if old == new {
            return Ok(false);
        }
        for row in old.iter().filter(|row| !new.contains(row)) {
            sqlx::query(
                "UPDATE ducklake_column SET end_snapshot = ?
                 WHERE table_id = ? AND column_id = ? AND end_snapshot IS NULL",
            )
            .bind(self.id)
            .bind(table_id)
            .bind(row.id)
            .execute(&mut *self.connection)
            .await
            .map_err(|source| self.failed(source))?;
        }
        for row in new.iter().filter(|row| !old.contains(row)) {
            let is_nested = matches!(row.lake_type.as_str(), "list" | "struct" | "map");
            sqlx::query("INSERT INTO ducklake_column VALUES (?, ?, NULL, ?, ?, ?, ?, NULL, 'NULL', ?, ?, ?, 'duckdb')")
                .bind(row.id)
                .bind(self.id)
                .bind(table_id)
                .bind(row.order)
                .bind(&row.name)
                .bind(&row.lake_type)
                .bind(i64::from(row.nullable))
                .bind(row.parent)
                .bind(if is_nested { "" } else { "literal" })
                .execute(&mut *self.connection)
                .await
                .map_err(|source| self.failed(source))?;
        }
        self.new_version(table_id).await?;
        Ok(true)
    }

    /// Says that a table is another than before to those who remember its columns.
    pub(super) async fn new_version(&mut self, table_id: i64) -> Result<(), WarehouseError> {
        self.is_schema_changed = true;
        sqlx::query(
            "INSERT INTO ducklake_schema_versions SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
               SELECT 1 FROM ducklake_schema_versions WHERE begin_snapshot = ?1 AND table_id = ?3)",
        )
        .bind(self.id)
        .bind(self.last.schema_version + 1)
        .bind(table_id)
        .execute(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        Ok(())
    }

    async fn add_files(
        &mut self,
        table_id: i64,
        staged: &StagedTable,
    ) -> Result<(), WarehouseError> {
        let mut row_id = self.next_row_id(table_id).await?;
        for file in &staged.files {
            let name = file.path.file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| WarehouseError::Path {
                path: file.path.clone(),
            })?;
            let id = self.next_file_id;
            self.next_file_id += 1;
            sqlx::query(
                "INSERT INTO ducklake_data_file
                 VALUES (?, ?, ?, NULL, NULL, ?, 1, 'parquet', ?, ?, ?, ?, NULL, NULL, NULL, NULL)",
            )
            .bind(id)
            .bind(table_id)
            .bind(self.id)
            .bind(name)
            .bind(signed(file.rows))
            .bind(signed(file.bytes))
            .bind(signed(file.footer_size_bytes))
            .bind(row_id)
            .execute(&mut *self.connection)
            .await
            .map_err(|source| self.failed(source))?;
            row_id += signed(file.rows);
            self.add_stats(id, table_id, file).await?;
        }
        if !staged.files.is_empty() {
            self.changes.push(format!("inserted_into_table:{table_id}"));
        }
        self.set_table_stats(table_id, staged, row_id).await
    }

    async fn add_stats(
        &mut self,
        id: i64,
        table_id: i64,
        file: &StagedFile,
    ) -> Result<(), WarehouseError> {
        for stats in &file.stats {
            sqlx::query(
                "INSERT INTO ducklake_file_column_stats VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            )
            .bind(id)
            .bind(table_id)
            .bind(stats.column_id)
            .bind(signed(stats.size_bytes))
            .bind(signed(stats.values))
            .bind(signed(stats.nulls))
            .bind(&stats.min)
            .bind(&stats.max)
            .bind(stats.has_nan.map(i64::from))
            .execute(&mut *self.connection)
            .await
            .map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// Row ids never go back, so that no id ever means two rows.
    async fn next_row_id(&mut self, table_id: i64) -> Result<i64, WarehouseError> {
        let recorded: Option<i64> = sqlx::query_scalar(
            "SELECT max(next) FROM (
               SELECT next_row_id AS next FROM ducklake_table_stats WHERE table_id = ?1
               UNION ALL SELECT row_id_start + record_count FROM ducklake_data_file WHERE table_id = ?1)",
        )
        .bind(table_id)
        .fetch_one(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        Ok(recorded.unwrap_or(0))
    }

    /// DuckDB takes the bounds of `ducklake_table_column_stats` for every snapshot: it answers
    /// min and max from them and leaves out what lies beyond, older versions included. After a
    /// replacement no bound is right for all versions, so the table has none; those of the
    /// files are exact and prune just as well.
    async fn set_table_stats(
        &mut self,
        table_id: i64,
        staged: &StagedTable,
        next_row_id: i64,
    ) -> Result<(), WarehouseError> {
        for statement in [
            "DELETE FROM ducklake_table_stats WHERE table_id = ?",
            "DELETE FROM ducklake_table_column_stats WHERE table_id = ?",
        ] {
            sqlx::query(statement)
                .bind(table_id)
                .execute(&mut *self.connection)
                .await
                .map_err(|source| self.failed(source))?;
        }
        sqlx::query("INSERT INTO ducklake_table_stats VALUES (?, ?, ?, ?)")
            .bind(table_id)
            .bind(signed(staged.rows()))
            .bind(next_row_id)
            .bind(signed(staged.bytes()))
            .execute(&mut *self.connection)
            .await
            .map_err(|source| self.failed(source))?;
        Ok(())
    }

    /// Writes the snapshot itself, with who made it and in which run.
    pub(super) async fn finish(
        self,
        run: RunId,
        message: &str,
    ) -> Result<SnapshotId, WarehouseError> {
        let failed = |source| self.database.failed("publish", source);
        sqlx::query("INSERT INTO ducklake_snapshot VALUES (?, ?, ?, ?, ?)")
            .bind(self.id)
            .bind(now_text())
            .bind(self.last.schema_version + i64::from(self.is_schema_changed))
            .bind(self.next_catalog_id)
            .bind(self.next_file_id)
            .execute(&mut *self.connection)
            .await
            .map_err(failed)?;
        sqlx::query("INSERT INTO ducklake_snapshot_changes VALUES (?, ?, ?, ?, ?)")
            .bind(self.id)
            .bind(self.changes.join(","))
            .bind(AUTHOR)
            .bind(message)
            .bind(extra_info(run))
            .execute(&mut *self.connection)
            .await
            .map_err(failed)?;
        Ok(SnapshotId(self.id))
    }
}

/// SQLite's integers are signed; no count of ours comes near the limit.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
