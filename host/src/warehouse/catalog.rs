//! The DuckLake catalogue: made when missing, its version checked, a table found in it.

use std::path::{Component, Path, PathBuf};

use sqlx::sqlite::SqliteConnection;

use super::columns::{LakeColumn, load_columns};
use super::database::{Database, now_text};
use super::error::WarehouseError;
use crate::name::TableName;

/// The version of the DuckLake specification that is written and read.
const VERSION: &str = "1.0";
/// Who made the catalogue, as `ducklake_metadata` names it; the version of the program follows.
const CREATED_BY: &str = "tsugi";
/// The file of the catalogue in the warehouse folder.
const FILE: &str = "catalog.sqlite";

/// Opens the catalogue of a warehouse whose Parquet files lie under `data`.
pub(super) async fn open(dir: &Path, data: &Path) -> Result<Database, WarehouseError> {
    let database = Database::open(dir.join(FILE)).await?;
    let data_path = data_path_text(data)?;
    if !has_table(&database, "ducklake_metadata").await? {
        create(&database, &data_path).await?;
    }
    check(&database, &data_path).await?;
    Ok(database)
}

/// Whether a warehouse folder has a catalogue.
pub(super) fn exists(dir: &Path) -> bool {
    dir.join(FILE).is_file()
}

fn data_path_text(data: &Path) -> Result<String, WarehouseError> {
    let text = data.to_str().ok_or_else(|| WarehouseError::Path {
        path: data.to_owned(),
    })?;
    Ok(format!("{text}/"))
}

async fn has_table(database: &Database, name: &str) -> Result<bool, WarehouseError> {
    sqlx::query_scalar::<_, i64>(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
    )
    .bind(name)
    .fetch_one(database.pool())
    .await
    .map(|count| count > 0)
    .map_err(|source| database.failed("look for tables", source))
}

async fn create(database: &Database, data_path: &str) -> Result<(), WarehouseError> {
    let failed = |source| database.failed("create the catalogue", source);
    let mut transaction = database.write().await?;
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(&mut *transaction)
            .await
            .map_err(failed)?;
    if tables.iter().any(|name| name == "ducklake_metadata") {
        // Another process made it between our look and our lock.
        return Ok(());
    }
    if let Some(name) = tables.first() {
        return Err(WarehouseError::NotOurs {
            path: database.path().to_owned(),
            expected: "DuckLake catalogue",
            what: format!("it has the table `{name}` and no `ducklake_metadata`"),
        });
    }
    sqlx::raw_sql(include_str!("catalog.sql"))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    // Without inlining, rows that DuckDB inserts beside us land in Parquet, where every reader
    // of this catalogue finds them.
    let metadata = [
        ("version", VERSION.to_owned()),
        (
            "created_by",
            format!("{CREATED_BY} {}", env!("CARGO_PKG_VERSION")),
        ),
        ("data_path", data_path.to_owned()),
        ("encrypted", "false".to_owned()),
        ("data_inlining_row_limit", "0".to_owned()),
    ];
    for (key, value) in metadata {
        sqlx::query("INSERT INTO ducklake_metadata VALUES (?, ?, NULL, NULL)")
            .bind(key)
            .bind(value)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    sqlx::query("INSERT INTO ducklake_snapshot VALUES (0, ?, 0, 1, 0)")
        .bind(now_text())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    sqlx::query("INSERT INTO ducklake_schema VALUES (0, ?, 0, NULL, 'main', 'main/', 1)")
        .bind(uuid::Uuid::now_v7().to_string())
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    sqlx::query(
        "INSERT INTO ducklake_snapshot_changes VALUES (0, 'created_schema:\"main\"', NULL, NULL, NULL)",
    )
    .execute(&mut *transaction)
    .await
    .map_err(failed)?;
    database.commit(transaction).await
}

/// Refuses what we cannot read, and follows a folder that was moved.
async fn check(database: &Database, data_path: &str) -> Result<(), WarehouseError> {
    let version = metadata(database, "version")
        .await?
        .unwrap_or_else(|| "no version".to_owned());
    if version != VERSION {
        return Err(WarehouseError::Version {
            path: database.path().to_owned(),
            found: version,
            known: VERSION,
        });
    }
    let refuse = |what: String| {
        Err(WarehouseError::NotOurs {
            path: database.path().to_owned(),
            expected: "catalogue of this warehouse",
            what,
        })
    };
    if metadata(database, "encrypted")
        .await?
        .is_some_and(|value| value != "false")
    {
        return refuse("its files are encrypted".to_owned());
    }
    let recorded = metadata(database, "data_path").await?.unwrap_or_default();
    if recorded.trim_end_matches('/') == data_path.trim_end_matches('/') {
        return Ok(());
    }
    let created_by = metadata(database, "created_by").await?.unwrap_or_default();
    if !created_by.starts_with(CREATED_BY) {
        return refuse(format!("its data lies in {recorded}, not in {data_path}"));
    }
    sqlx::query("UPDATE ducklake_metadata SET \"value\" = ? WHERE \"key\" = 'data_path' AND \"scope\" IS NULL")
        .bind(data_path)
        .execute(database.pool())
        .await
        .map_err(|source| database.failed("record the new place of the data", source))?;
    Ok(())
}

async fn metadata(database: &Database, key: &str) -> Result<Option<String>, WarehouseError> {
    sqlx::query_scalar(
        "SELECT \"value\" FROM ducklake_metadata WHERE \"key\" = ? AND \"scope\" IS NULL",
    )
    .bind(key)
    .fetch_optional(database.pool())
    .await
    .map_err(|source| database.failed("read the metadata", source))
}

/// The last row of `ducklake_snapshot`: where the next one starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastSnapshot {
    pub(super) id: i64,
    pub(super) schema_version: i64,
    pub(super) next_catalog_id: i64,
    pub(super) next_file_id: i64,
}

pub(super) async fn last_snapshot(
    database: &Database,
    connection: &mut SqliteConnection,
) -> Result<LastSnapshot, WarehouseError> {
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

/// What the catalogue says of a table at one moment; staging starts from it and publishing
/// checks that it still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// The last snapshot at that moment.
    pub(super) snapshot: i64,
    /// `None` for a schema that is not there yet.
    pub(super) schema_id: Option<i64>,
    /// `None` for a table that is not there yet.
    pub(super) table_id: Option<i64>,
    /// The folder of the table, relative to the data.
    pub(super) folder: PathBuf,
    /// The live columns.
    pub(super) columns: Vec<LakeColumn>,
    /// The first column id that was never used in this table.
    pub(super) next_column_id: i64,
}

/// Looks a table up in the last snapshot.
pub(super) async fn standing(
    database: &Database,
    connection: &mut SqliteConnection,
    table: &TableName,
) -> Result<Standing, WarehouseError> {
    let failed = |source| database.failed("look a table up", source);
    let snapshot = last_snapshot(database, &mut *connection).await?.id;
    let schema: Option<(i64, String, Option<i64>)> = sqlx::query_as(
        "SELECT schema_id, path, path_is_relative FROM ducklake_schema
         WHERE schema_name = ? AND end_snapshot IS NULL",
    )
    .bind(table.schema.as_str())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let (schema_id, schema_path) = match schema {
        Some((id, path, relative)) => (Some(id), own_path(table, &path, relative)?),
        None => (None, PathBuf::from(table.schema.as_str())),
    };
    let row: Option<(i64, String, Option<i64>)> = sqlx::query_as(
        "SELECT table_id, path, path_is_relative FROM ducklake_table
         WHERE schema_id = ? AND table_name = ? AND end_snapshot IS NULL",
    )
    .bind(schema_id)
    .bind(table.name.as_str())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let (table_id, table_path) = match row {
        Some((id, path, relative)) => (Some(id), own_path(table, &path, relative)?),
        None => (None, PathBuf::from(table.name.as_str())),
    };
    let (columns, next_column_id) = match table_id {
        Some(id) => load_columns(database, connection, id, snapshot).await?,
        None => (Vec::new(), 1),
    };
    let folder = schema_path.join(table_path);
    Ok(Standing {
        snapshot,
        schema_id,
        table_id,
        folder,
        columns,
        next_column_id,
    })
}

fn own_path(
    table: &TableName,
    path: &str,
    is_relative: Option<i64>,
) -> Result<PathBuf, WarehouseError> {
    inside(path, is_relative == Some(1)).map_err(|what| WarehouseError::Unreadable {
        table: table.clone(),
        what,
    })
}

/// A path of the catalogue as a path below the data, or why it is none. A catalogue is a file
/// from outside: nothing in it may lead out of the warehouse.
pub(super) fn inside(path: &str, is_relative: bool) -> Result<PathBuf, String> {
    let candidate = Path::new(path);
    let stays = candidate
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if is_relative && stays && !path.is_empty() {
        Ok(candidate.to_owned())
    } else {
        Err(format!(
            "its files lie outside of this warehouse, at `{path}`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_catalogue_stays_below_the_data() {
        assert_eq!(inside("ceo/", true).unwrap(), PathBuf::from("ceo"));
        assert!(inside("../ceo", true).is_err());
        assert!(inside("/etc/passwd", true).is_err());
        assert!(inside("ceo/", false).is_err());
        assert!(inside("", true).is_err());
    }
}
