//! Opens the DuckLake catalogue: creates it when it is missing and checks its version.

use std::path::Path;

use sqlx::sqlite::SqliteConnection;

use crate::error::Error;
use crate::name::Writer;
use crate::sqlite::{Database, now_text};

/// The version of the DuckLake specification that is written and read.
const VERSION: &str = "1.0";
/// The file of the catalogue in the folder of a lake.
const FILE: &str = "catalog.sqlite";
/// The table that every catalogue has.
const METADATA: &str = "ducklake_metadata";

/// Opens the catalogue in `folder`, whose Parquet files lie under `data`.
pub(crate) async fn open(folder: &Path, data: &Path, writer: &Writer) -> Result<Database, Error> {
    let database = Database::open(folder.join(FILE)).await?;
    let data_path = data_path_text(data)?;
    if !has_table(&database, METADATA).await? {
        create(&database, &data_path, writer).await?;
    }
    check(&database, &data_path, writer).await?;
    Ok(database)
}

/// Makes the catalogue fast to write with thousands of tables. DuckDB ignores indexes.
pub(crate) async fn index(database: &Database) -> Result<(), Error> {
    sqlx::raw_sql(include_str!("indexes.sql"))
        .execute(database.pool())
        .await
        .map_err(|source| database.failed("index the catalogue", source))?;
    Ok(())
}

/// Whether a folder has a catalogue.
pub(crate) fn exists(folder: &Path) -> bool {
    folder.join(FILE).is_file()
}

fn data_path_text(data: &Path) -> Result<String, Error> {
    let text = data.to_str().ok_or_else(|| Error::Path {
        path: data.to_owned(),
    })?;
    Ok(format!("{text}/"))
}

async fn has_table(database: &Database, name: &str) -> Result<bool, Error> {
    sqlx::query_scalar::<_, i64>(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
    )
    .bind(name)
    .fetch_one(database.pool())
    .await
    .map(|count| count > 0)
    .map_err(|source| database.failed("look for tables", source))
}

async fn create(database: &Database, data_path: &str, writer: &Writer) -> Result<(), Error> {
    let failed = |source| database.failed("create the catalogue", source);
    let begun = database.write_first(METADATA, "DuckLake catalogue").await?;
    let Some(mut transaction) = begun else {
        return Ok(());
    };
    sqlx::raw_sql(include_str!("catalog.sql"))
        .execute(&mut *transaction)
        .await
        .map_err(failed)?;
    write_metadata(database, &mut transaction, data_path, writer).await?;
    write_first_snapshot(database, &mut transaction).await?;
    database.commit(transaction).await
}

async fn write_metadata(
    database: &Database,
    connection: &mut SqliteConnection,
    data_path: &str,
    writer: &Writer,
) -> Result<(), Error> {
    // Without inlining, rows that DuckDB inserts beside us land in Parquet, where every reader
    // of this catalogue finds them.
    let metadata = [
        ("version", VERSION.to_owned()),
        ("created_by", writer.created_by()),
        ("data_path", data_path.to_owned()),
        ("encrypted", "false".to_owned()),
        ("data_inlining_row_limit", "0".to_owned()),
    ];
    for (key, value) in metadata {
        sqlx::query("INSERT INTO ducklake_metadata(\"key\", \"value\") VALUES (?, ?)")
            .bind(key)
            .bind(value)
            .execute(&mut *connection)
            .await
            .map_err(|source| database.failed("create the catalogue", source))?;
    }
    Ok(())
}

/// Snapshot 0 has the schema `main` and no tables, as DuckDB begins a lake.
async fn write_first_snapshot(
    database: &Database,
    connection: &mut SqliteConnection,
) -> Result<(), Error> {
    let failed = |source| database.failed("create the catalogue", source);
    sqlx::query(
        "INSERT INTO ducklake_snapshot(
           snapshot_id, snapshot_time, schema_version, next_catalog_id, next_file_id)
         VALUES (0, ?, 0, 1, 0)",
    )
    .bind(now_text())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query(
        "INSERT INTO ducklake_schema(
           schema_id, schema_uuid, begin_snapshot, schema_name, path, path_is_relative)
         VALUES (0, ?, 0, 'main', 'main/', 1)",
    )
    .bind(uuid::Uuid::now_v7().to_string())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query(
        "INSERT INTO ducklake_snapshot_changes(snapshot_id, changes_made)
         VALUES (0, 'created_schema:\"main\"')",
    )
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Refuses what cannot be read, and follows a folder that was moved.
async fn check(database: &Database, data_path: &str, writer: &Writer) -> Result<(), Error> {
    let version = metadata(database, "version")
        .await?
        .unwrap_or_else(|| "no version".to_owned());
    if version != VERSION {
        return Err(Error::Version {
            path: database.path().to_owned(),
            found: version,
            known: VERSION,
        });
    }
    let refuse = |what: String| {
        Err(Error::NotOurs {
            path: database.path().to_owned(),
            expected: "catalogue of this lake",
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
    if !created_by.starts_with(&writer.name) {
        return refuse(format!("its data lies in {recorded}, not in {data_path}"));
    }
    if database.is_read_only() {
        return Ok(());
    }
    sqlx::query("UPDATE ducklake_metadata SET \"value\" = ? WHERE \"key\" = 'data_path' AND \"scope\" IS NULL")
        .bind(data_path)
        .execute(database.pool())
        .await
        .map_err(|source| database.failed("record the new place of the data", source))?;
    Ok(())
}

async fn metadata(database: &Database, key: &str) -> Result<Option<String>, Error> {
    sqlx::query_scalar(
        "SELECT \"value\" FROM ducklake_metadata WHERE \"key\" = ? AND \"scope\" IS NULL",
    )
    .bind(key)
    .fetch_optional(database.pool())
    .await
    .map_err(|source| database.failed("read the metadata", source))
}
