//! The rows of data files in the catalogue, with what is known of their columns.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnection;

use super::version::below_data;
use crate::error::Error;
use crate::files::lake_file::LakeFile;
use crate::files::stats::ColumnStats;
use crate::name::{SnapshotId, Writer};
use crate::sqlite::Database;

/// A row of `ducklake_data_file`.
struct FileRow {
    id: i64,
    begin_snapshot: i64,
    path: String,
    is_relative: bool,
    is_parquet: bool,
    is_special: bool,
    record_count: i64,
    file_size_bytes: i64,
    footer_size: Option<i64>,
}

/// File, table, begin, path, relative, format, rows, bytes, footer, special.
type FoundRow = (
    i64,
    i64,
    i64,
    String,
    Option<i64>,
    Option<String>,
    i64,
    i64,
    Option<i64>,
    i64,
);

/// A live file of a snapshot.
pub(crate) struct FoundFile {
    row: FileRow,
    stats: Vec<ColumnStats>,
}

impl FoundFile {
    /// Where the file lies, or why it cannot be read.
    pub(crate) fn place(&self, folder: &Path, newest_column: i64) -> Result<PathBuf, String> {
        let row = &self.row;
        if !row.is_parquet {
            return Err(format!("its file `{}` is not Parquet", row.path));
        }
        if row.is_special {
            return Err(format!(
                "its file `{}` is encrypted, partial, or named by a column mapping, which is not supported",
                row.path
            ));
        }
        if row.begin_snapshot < newest_column {
            return Err(format!(
                "another client changed its columns in snapshot {newest_column}, after the file `{}` was written",
                row.path
            ));
        }
        if row.record_count < 0 || row.file_size_bytes < 0 {
            return Err(format!("its file `{}` has a negative size", row.path));
        }
        Ok(folder.join(below_data(&row.path, row.is_relative)?))
    }

    /// The file at the place that was found for it.
    pub(crate) fn at(self, path: PathBuf, writer: &Writer) -> LakeFile {
        let Self { row, stats } = self;
        let is_own = writer.is_own(&path);
        LakeFile {
            id: row.id,
            path,
            rows: row.record_count.unsigned_abs(),
            bytes: row.file_size_bytes.unsigned_abs(),
            footer_size_bytes: row.footer_size.and_then(|size| u64::try_from(size).ok()),
            stats,
            is_own,
        }
    }
}

type FoundStats = (
    i64,
    i64,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<i64>,
);

/// The live files of a snapshot by table, in the order they were published.
pub(crate) async fn files(
    database: &Database,
    connection: &mut SqliteConnection,
    id: SnapshotId,
) -> Result<HashMap<i64, Vec<FoundFile>>, Error> {
    let failed = |source| database.failed("read the files of a snapshot", source);
    let rows: Vec<FoundRow> = sqlx::query_as(
        "SELECT data_file_id, table_id, begin_snapshot, path, path_is_relative, file_format, record_count,
                file_size_bytes, footer_size,
                encryption_key IS NOT NULL OR mapping_id IS NOT NULL OR partial_max IS NOT NULL AS is_special
         FROM ducklake_data_file
         WHERE begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)
         ORDER BY data_file_id",
    )
    .bind(id.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let stats: Vec<FoundStats> = sqlx::query_as(
        "SELECT s.data_file_id, s.column_id, s.column_size_bytes, s.value_count, s.null_count, s.min_value,
                s.max_value, s.contains_nan
         FROM ducklake_file_column_stats s JOIN ducklake_data_file f USING (data_file_id)
         WHERE f.begin_snapshot <= ?1 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?1)",
    )
    .bind(id.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let count = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
    let mut by_file: HashMap<i64, Vec<ColumnStats>> = HashMap::new();
    for (file, column_id, size, values, nulls, min, max, nan) in stats {
        // Without both counts nothing is known of a column.
        let (Some(values), Some(nulls)) = (count(values), count(nulls)) else {
            continue;
        };
        by_file.entry(file).or_default().push(ColumnStats {
            column_id,
            size_bytes: count(size).unwrap_or(0),
            values,
            nulls,
            min,
            max,
            has_nan: nan.map(|nan| nan != 0),
        });
    }
    let mut by_table: HashMap<i64, Vec<FoundFile>> = HashMap::new();
    for row in rows {
        let (file, table) = (row.0, row.1);
        let row = FileRow {
            id: file,
            begin_snapshot: row.2,
            path: row.3,
            is_relative: row.4 == Some(1),
            is_parquet: row
                .5
                .is_none_or(|format| format.eq_ignore_ascii_case("parquet")),
            record_count: row.6,
            file_size_bytes: row.7,
            footer_size: row.8,
            is_special: row.9 != 0,
        };
        let stats = by_file.remove(&file).unwrap_or_default();
        by_table
            .entry(table)
            .or_default()
            .push(FoundFile { row, stats });
    }
    Ok(by_table)
}

/// The numbers of the live files of a table, in order.
pub(crate) async fn live_ids(
    database: &Database,
    connection: &mut SqliteConnection,
    table: i64,
) -> Result<Vec<i64>, Error> {
    sqlx::query_scalar(
        "SELECT data_file_id FROM ducklake_data_file
         WHERE table_id = ? AND end_snapshot IS NULL ORDER BY data_file_id",
    )
    .bind(table)
    .fetch_all(connection)
    .await
    .map_err(|source| database.failed("read the files of a table", source))
}

/// Every data file that any snapshot names, as paths below the data.
pub(crate) async fn named_files(database: &Database) -> Result<HashSet<PathBuf>, Error> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT s.path, t.path, f.path FROM ducklake_data_file f
         JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)",
    )
    .fetch_all(database.pool())
    .await
    .map_err(|source| database.failed("read the names of all files", source))?;
    Ok(rows
        .into_iter()
        .map(|(schema, table, file)| Path::new(&schema).join(table).join(file))
        .collect())
}
