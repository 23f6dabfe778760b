//! One table at one moment of the catalogue: staging starts from it, and publishing checks it.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;

use super::columns::load_columns;
use crate::error::Error;
use crate::files::lake_column::LakeColumn;
use crate::name::{LakeTableName, folder_of};
use crate::sqlite::Database;

/// The last row of `ducklake_snapshot`: where the next one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LastSnapshot {
    pub(crate) id: i64,
    pub(crate) schema_version: i64,
    pub(crate) next_catalog_id: i64,
    pub(crate) next_file_id: i64,
}

pub(crate) async fn last_snapshot(
    database: &Database,
    connection: &mut SqliteConnection,
) -> Result<LastSnapshot, Error> {
    let row: Option<(i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT snapshot_id, schema_version, next_catalog_id, next_file_id
         FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1",
    )
    .fetch_optional(connection)
    .await
    .map_err(|source| database.failed("read the last snapshot", source))?;
    let (id, schema_version, next_catalog_id, next_file_id) =
        row.ok_or_else(|| database.damaged("it has no snapshot"))?;
    Ok(LastSnapshot {
        id,
        schema_version,
        next_catalog_id,
        next_file_id,
    })
}

/// A table as the last snapshot has it. Staging starts from it; publishing checks that the
/// table is still the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableVersion {
    /// The last snapshot at that moment.
    pub(crate) snapshot: i64,
    /// `None` for a schema that does not exist yet.
    pub(crate) schema_id: Option<i64>,
    /// `None` for a table that does not exist yet.
    pub(crate) table_id: Option<i64>,
    /// The folder of the table, relative to the data.
    pub(crate) folder: PathBuf,
    /// The live columns.
    pub(crate) columns: Vec<LakeColumn>,
    /// The first column id that was never used in this table.
    pub(crate) next_column_id: i64,
}

/// Looks a table up in the last snapshot.
pub(crate) async fn table_version(
    database: &Database,
    connection: &mut SqliteConnection,
    table: &LakeTableName,
) -> Result<TableVersion, Error> {
    let failed = |source| database.failed("look a table up", source);
    let snapshot = last_snapshot(database, &mut *connection).await?.id;
    let schema: Option<(i64, String, Option<i64>)> = sqlx::query_as(
        "SELECT schema_id, path, path_is_relative FROM ducklake_schema
         WHERE schema_name = ? AND end_snapshot IS NULL",
    )
    .bind(&table.schema)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let (schema_id, schema_path) = match schema {
        Some((id, path, relative)) => (Some(id), own_path(table, &path, relative)?),
        None => (None, PathBuf::from(folder_of(&table.schema))),
    };
    let row: Option<(i64, String, Option<i64>)> = sqlx::query_as(
        "SELECT table_id, path, path_is_relative FROM ducklake_table
         WHERE schema_id = ? AND table_name = ? AND end_snapshot IS NULL",
    )
    .bind(schema_id)
    .bind(&table.name)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let (table_id, table_path) = match row {
        Some((id, path, relative)) => (Some(id), own_path(table, &path, relative)?),
        None => (None, PathBuf::from(folder_of(&table.name))),
    };
    let (columns, next_column_id) = match table_id {
        Some(id) => load_columns(database, connection, id, snapshot).await?,
        None => (Vec::new(), 1),
    };
    let folder = schema_path.join(table_path);
    Ok(TableVersion {
        snapshot,
        schema_id,
        table_id,
        folder,
        columns,
        next_column_id,
    })
}

fn own_path(table: &LakeTableName, path: &str, is_relative: Option<i64>) -> Result<PathBuf, Error> {
    below_data(path, is_relative == Some(1)).map_err(|what| Error::Unreadable {
        table: table.clone(),
        what,
    })
}

/// A path of the catalogue as a path below the data, or why it is none. A catalogue is a file
/// from outside: nothing in it may lead out of the data.
pub(crate) fn below_data(path: &str, is_relative: bool) -> Result<PathBuf, String> {
    let candidate = Path::new(path);
    let stays = candidate
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if is_relative && stays && !path.is_empty() {
        Ok(candidate.to_owned())
    } else {
        Err(format!("its files lie outside of this lake, at `{path}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_catalogue_stays_below_the_data() {
        assert_eq!(below_data("ceo/", true).unwrap(), PathBuf::from("ceo"));
        assert!(below_data("../ceo", true).is_err());
        assert!(below_data("/etc/passwd", true).is_err());
        assert!(below_data("ceo/", false).is_err());
        assert!(below_data("", true).is_err());
    }
}
