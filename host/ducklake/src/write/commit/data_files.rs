//! The files of a table and what is known of them.

use super::Commit;
use crate::error::Error;
use crate::write::parquet_file::StagedFile;
use crate::write::stage::StagedTable;

impl Commit<'_> {
    /// Adds the staged files of a table.
    pub(super) async fn add_files(
        &mut self,
        table_id: i64,
        staged: &StagedTable,
    ) -> Result<(), Error> {
        let mut row_id = self.next_row_id(table_id).await?;
        for file in &staged.files {
            let name = file.path.file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| Error::Path {
                path: file.path.clone(),
            })?;
            let id = self.next_file_id;
            self.next_file_id += 1;
            sqlx::query(
                "INSERT INTO ducklake_data_file(
                   data_file_id, table_id, begin_snapshot, path, path_is_relative, file_format,
                   record_count, file_size_bytes, footer_size, row_id_start)
                 VALUES (?, ?, ?, ?, 1, 'parquet', ?, ?, ?, ?)",
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

    async fn add_stats(&mut self, id: i64, table_id: i64, file: &StagedFile) -> Result<(), Error> {
        for stats in &file.stats {
            sqlx::query(
                "INSERT INTO ducklake_file_column_stats(
                   data_file_id, table_id, column_id, column_size_bytes, value_count, null_count,
                   min_value, max_value, contains_nan)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
    async fn next_row_id(&mut self, table_id: i64) -> Result<i64, Error> {
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

    /// DuckDB uses the bounds of `ducklake_table_column_stats` for every snapshot, older ones
    /// included: it answers min and max from them and skips what lies beyond. After a replacement
    /// no bound is right for all versions, so the table has none; those of the files are exact
    /// and prune just as well.
    async fn set_table_stats(
        &mut self,
        table_id: i64,
        staged: &StagedTable,
        next_row_id: i64,
    ) -> Result<(), Error> {
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
        sqlx::query(
            "INSERT INTO ducklake_table_stats(table_id, record_count, next_row_id, file_size_bytes)
             VALUES (?, ?, ?, ?)",
        )
        .bind(table_id)
        .bind(signed(staged.rows()))
        .bind(next_row_id)
        .bind(signed(staged.bytes()))
        .execute(&mut *self.connection)
        .await
        .map_err(|source| self.failed(source))?;
        Ok(())
    }
}

/// SQLite's integers are signed; no count of ours comes near the limit.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
