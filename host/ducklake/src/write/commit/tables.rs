//! Schemas, tables, their columns and the tags of these.

use sqlx::AssertSqlSafe;

use super::Commit;
use crate::catalog::columns::load_columns;
use crate::catalog::foreign::end_rows;
use crate::catalog::tags::{self, ColumnTags, Tags};
use crate::catalog::version::{TableVersion, table_version};
use crate::error::Error;
use crate::files::lake_column::{LakeColumn, rows};
use crate::name::{LakeTableName, SnapshotId, folder_of, quoted};
use crate::write::publish::DroppedTable;
use crate::write::stage::StagedTable;

impl Commit<'_> {
    async fn schema_id(&mut self, table: &LakeTableName, found: Option<i64>) -> Result<i64, Error> {
        if let Some(id) = found {
            return Ok(id);
        }
        let id = self.next_catalog_id;
        self.next_catalog_id += 1;
        self.is_schema_changed = true;
        sqlx::query(
            "INSERT INTO ducklake_schema(
               schema_id, schema_uuid, begin_snapshot, schema_name, path, path_is_relative)
             VALUES (?, ?, ?, ?, ?, 1)",
        )
        .bind(id)
        .bind(uuid::Uuid::now_v7().to_string())
        .bind(self.id)
        .bind(&table.schema)
        .bind(format!("{}/", folder_of(&table.schema)))
        .execute(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        self.changes
            .push(format!("created_schema:{}", quoted(&table.schema)));
        Ok(id)
    }

    /// Creates a table, and its schema when that is missing; returns the id of the table.
    pub(super) async fn create(
        &mut self,
        staged: &StagedTable,
        now: &TableVersion,
    ) -> Result<i64, Error> {
        let table = &staged.table;
        let schema_id = self.schema_id(table, now.schema_id).await?;
        let id = self.next_catalog_id;
        self.next_catalog_id += 1;
        sqlx::query(
            "INSERT INTO ducklake_table(
               table_id, table_uuid, begin_snapshot, schema_id, table_name, path, path_is_relative)
             VALUES (?, ?, ?, ?, ?, ?, 1)",
        )
        .bind(id)
        .bind(uuid::Uuid::now_v7().to_string())
        .bind(self.id)
        .bind(schema_id)
        .bind(&table.name)
        .bind(format!("{}/", folder_of(&table.name)))
        .execute(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        let (schema, name) = (quoted(&table.schema), quoted(&table.name));
        self.changes.push(format!("created_table:{schema}.{name}"));
        self.write_columns(id, &staged.columns, &[]).await?;
        Ok(id)
    }

    /// Drops a table, unless another client has done so.
    pub(crate) async fn drop_table(&mut self, dropped: &DroppedTable) -> Result<(), Error> {
        let table = &dropped.table;
        let now = table_version(self.database, &mut *self.connection, table).await?;
        let Some(id) = now.table_id else {
            return Ok(());
        };
        self.check_seen(table, id, dropped.seen_in.0)?;
        let at = SnapshotId(self.id);
        end_rows(self.database, &mut *self.connection, id, at, "").await?;
        for rows in [
            "ducklake_table",
            "ducklake_column",
            "ducklake_column_tag",
            "ducklake_partition_info",
        ] {
            let end = format!(
                "UPDATE {rows} SET end_snapshot = ? WHERE table_id = ? AND end_snapshot IS NULL"
            );
            sqlx::query(AssertSqlSafe(end))
                .bind(self.id)
                .bind(id)
                .execute(&mut *self.connection)
                .await
                .map_err(|source| self.failed(source))?;
        }
        self.changes.push(format!("dropped_table:{id}"));
        self.is_schema_changed = true;
        Ok(())
    }

    /// Changes the columns of a table, when they differ.
    pub(super) async fn alter(
        &mut self,
        id: i64,
        to: &[LakeColumn],
        from: &[LakeColumn],
    ) -> Result<(), Error> {
        if self.write_columns(id, to, from).await? {
            self.changes.push(format!("altered_table:{id}"));
        }
        Ok(())
    }

    /// Ends the column rows that changed, with the tags of columns that are gone, and begins the
    /// new ones; returns whether there were any.
    async fn write_columns(
        &mut self,
        table_id: i64,
        to: &[LakeColumn],
        from: &[LakeColumn],
    ) -> Result<bool, Error> {
        let (old, new) = (rows(from), rows(to));
        if old == new {
            return Ok(false);
        }
        for row in old.iter().filter(|row| !new.contains(row)) {
            let is_gone = !new.iter().any(|other| other.id == row.id);
            self.end_column(table_id, row.id, is_gone).await?;
        }
        for row in new.iter().filter(|row| !old.contains(row)) {
            let is_nested = matches!(row.lake_type.as_str(), "list" | "struct" | "map");
            sqlx::query(
                "INSERT INTO ducklake_column(
                   column_id, begin_snapshot, table_id, column_order, column_name, column_type,
                   default_value, nulls_allowed, parent_column, default_value_type,
                   default_value_dialect)
                 VALUES (?, ?, ?, ?, ?, ?, 'NULL', ?, ?, ?, 'duckdb')",
            )
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

    async fn end_column(&mut self, table: i64, column: i64, is_gone: bool) -> Result<(), Error> {
        let mut statements = vec![
            "UPDATE ducklake_column SET end_snapshot = ?
             WHERE table_id = ? AND column_id = ? AND end_snapshot IS NULL",
        ];
        if is_gone {
            statements.push(
                "UPDATE ducklake_column_tag SET end_snapshot = ?
                 WHERE table_id = ? AND column_id = ? AND end_snapshot IS NULL",
            );
        }
        for statement in statements {
            sqlx::query(statement)
                .bind(self.id)
                .bind(table)
                .bind(column)
                .execute(&mut *self.connection)
                .await
                .map_err(|source| self.failed(source))?;
        }
        Ok(())
    }

    /// Bumps `schema_version`, so that clients reload the columns of the table.
    async fn new_version(&mut self, table_id: i64) -> Result<(), Error> {
        self.is_schema_changed = true;
        sqlx::query(
            "INSERT INTO ducklake_schema_versions(begin_snapshot, schema_version, table_id)
             SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
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

    /// Sets and removes tags. Tables and columns that do not exist in this snapshot are ignored.
    pub(crate) async fn tag(&mut self, tags: &Tags) -> Result<(), Error> {
        // A table is named once, so that what is set on the way concerns no later one.
        let mut all = tags::load(self.database, &mut *self.connection, SnapshotId(self.id)).await?;
        for (table, wanted) in tags.by_table() {
            let version = table_version(self.database, &mut *self.connection, table).await?;
            let Some(id) = version.table_id else { continue };
            // A table that this very commit creates has its columns from the new snapshot on.
            let (columns, _) =
                load_columns(self.database, &mut *self.connection, id, self.id).await?;
            let live: ColumnTags = all.remove(&id).unwrap_or_default();
            let mut is_changed = false;
            for (column, key, value) in wanted {
                let Some(column) = columns.iter().find(|one| one.name == column) else {
                    continue;
                };
                let before = live.get(&(column.id, key.to_owned())).map(String::as_str);
                if before == value {
                    continue;
                }
                let (tag, at) = ((id, column.id, key), SnapshotId(self.id));
                tags::replace(self.database, &mut *self.connection, at, tag, value).await?;
                is_changed = true;
            }
            if is_changed {
                self.changes.push(format!("altered_table:{id}"));
                self.new_version(id).await?;
            }
        }
        Ok(())
    }
}
