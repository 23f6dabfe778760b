//! One snapshot in the making: the rows of the catalogue that replace the content of tables.

mod data_files;
mod tables;

use std::collections::HashMap;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::stage::StagedTable;
use crate::catalog::foreign::{changed_in, end_rows};
use crate::catalog::version::{LastSnapshot, TableVersion, last_snapshot, table_version};
use crate::error::Error;
use crate::name::{LakeTableName, SnapshotId};
use crate::sqlite::{Database, now_text};

/// One snapshot in the making.
pub(crate) struct Commit<'a> {
    database: &'a Database,
    connection: &'a mut SqliteConnection,
    last: LastSnapshot,
    /// The last snapshot that changed each table.
    changed: HashMap<i64, i64>,
    id: i64,
    next_catalog_id: i64,
    next_file_id: i64,
    is_schema_changed: bool,
    /// What it does, as DuckLake lists it in `changes_made`.
    changes: Vec<String>,
}

impl<'a> Commit<'a> {
    /// Begins the snapshot after the last one, in a transaction that holds the write lock.
    pub(crate) async fn begin(
        database: &'a Database,
        connection: &'a mut SqliteConnection,
    ) -> Result<Self, Error> {
        let last = last_snapshot(database, &mut *connection).await?;
        let changed = changed_in(database, &mut *connection, SnapshotId(last.id)).await?;
        Ok(Self {
            database,
            connection,
            last,
            changed,
            id: last.id + 1,
            next_catalog_id: last.next_catalog_id,
            next_file_id: last.next_file_id,
            is_schema_changed: false,
            changes: Vec::new(),
        })
    }

    fn failed(&self, source: sqlx::Error) -> Error {
        self.database.failed("publish", source)
    }

    /// Makes the staged rows the whole content of their table.
    pub(crate) async fn replace(&mut self, staged: &StagedTable) -> Result<(), Error> {
        let now = table_version(self.database, &mut *self.connection, &staged.table).await?;
        self.check_unchanged(staged, &now).await?;
        let table_id = match now.table_id {
            Some(id) => {
                self.alter(id, &staged.columns, &now.columns).await?;
                let retained = self.retained(id, staged).await?;
                let (database, snapshot) = (self.database, SnapshotId(self.id));
                let ended =
                    end_rows(database, &mut *self.connection, id, snapshot, &retained).await?;
                if ended {
                    self.changes.push(format!("deleted_from_table:{id}"));
                }
                id
            }
            None => self.create(staged, &now).await?,
        };
        self.add_files(table_id, staged).await
    }

    /// The numbers of the files that remain, as a list for SQL. Each must still be live.
    async fn retained(&mut self, table: i64, staged: &StagedTable) -> Result<String, Error> {
        let ids: Vec<String> = staged
            .retained
            .iter()
            .map(|file| file.id.to_string())
            .collect();
        let ids = ids.join(",");
        let live: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT count(*) FROM ducklake_data_file
             WHERE table_id = ? AND end_snapshot IS NULL AND data_file_id IN ({ids})"
        )))
        .bind(table)
        .fetch_one(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        if u64::try_from(live).is_ok_and(|live| live == staged.retained.len() as u64) {
            return Ok(ids);
        }
        Err(Error::Conflict {
            table: staged.table.clone(),
            what: "files that were to remain in it are gone".into(),
        })
    }

    /// Fails when the table is not as it was when staging began: rows that another client wrote
    /// since would be lost silently.
    async fn check_unchanged(
        &mut self,
        staged: &StagedTable,
        now: &TableVersion,
    ) -> Result<(), Error> {
        let before = &staged.version;
        let conflict = |what: String| Error::Conflict {
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
        if let Some(table_id) = now.table_id {
            self.check_seen(&staged.table, table_id, before.snapshot)?;
        }
        let views: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM ducklake_view WHERE schema_id = ? AND view_name = ? AND end_snapshot IS NULL",
        )
        .bind(now.schema_id)
        .bind(&staged.table.name)
        .fetch_one(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        if views > 0 {
            return Err(conflict("there is a view of that name".into()));
        }
        Ok(())
    }

    /// Fails when a table changed after the snapshot in which the caller saw it.
    fn check_seen(&self, table: &LakeTableName, id: i64, seen_in: i64) -> Result<(), Error> {
        match self.changed.get(&id).filter(|at| **at > seen_in) {
            None => Ok(()),
            Some(at) => Err(Error::Conflict {
                table: table.clone(),
                what: format!("snapshot {at} wrote to it"),
            }),
        }
    }

    /// Writes the snapshot itself.
    pub(crate) async fn finish(
        self,
        author: &str,
        message: &str,
        extra_info: Option<&str>,
    ) -> Result<SnapshotId, Error> {
        let failed = |source| self.database.failed("publish", source);
        sqlx::query(
            "INSERT INTO ducklake_snapshot(
               snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(self.id)
        .bind(now_text())
        .bind(self.last.schema_version + i64::from(self.is_schema_changed))
        .bind(self.next_catalog_id)
        .bind(self.next_file_id)
        .execute(&mut *self.connection)
        .await
        .map_err(failed)?;
        sqlx::query(
            "INSERT INTO ducklake_snapshot_changes(
               snapshot_id, changes_made, author, commit_message, commit_extra_info)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(self.id)
        .bind(self.changes.join(","))
        .bind(author)
        .bind(message)
        .bind(extra_info)
        .execute(&mut *self.connection)
        .await
        .map_err(failed)?;
        Ok(SnapshotId(self.id))
    }
}
