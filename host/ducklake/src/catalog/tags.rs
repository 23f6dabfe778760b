//! Tags of columns: text by key, which every client of the catalogue can read. DuckDB shows the
//! tag [`COMMENT`] as the comment of a column and ignores other keys.

use std::collections::{BTreeMap, HashMap};

use sqlx::sqlite::SqliteConnection;

use crate::error::Error;
use crate::name::{LakeTableName, SnapshotId};
use crate::sqlite::Database;

/// The key of the tag that `COMMENT ON COLUMN` writes and `duckdb_columns().comment` shows.
pub const COMMENT: &str = "comment";

/// Tags to be set or removed with a publish; tags that are not named here stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<LakeTableName, BTreeMap<(String, String), Option<String>>>);

impl Tags {
    /// Sets the tag `key` of a column, or removes it when there is no value. A column that the
    /// table does not have once it is published is ignored. DuckDB 1.5 reads [`COMMENT`]
    /// alone and refuses a table whose columns have any other tag.
    pub fn set(&mut self, table: &LakeTableName, column: &str, key: &str, value: Option<&str>) {
        let tag = (column.to_owned(), key.to_owned());
        let tags = self.0.entry(table.clone()).or_default();
        tags.insert(tag, value.map(str::to_owned));
    }

    /// Whether there is nothing to set or remove.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By table: column, key, and the value to set.
    pub(crate) fn by_table(
        &self,
    ) -> impl Iterator<
        Item = (
            &LakeTableName,
            impl Iterator<Item = (&str, &str, Option<&str>)> + Clone,
        ),
    > {
        self.0.iter().map(|(table, tags)| {
            let tags = tags
                .iter()
                .map(|((column, key), value)| (column.as_str(), key.as_str(), value.as_deref()));
            (table, tags)
        })
    }
}

/// The tags of one table by column id and key.
pub(crate) type ColumnTags = BTreeMap<(i64, String), String>;

/// The tags of one snapshot by table.
pub(crate) async fn load(
    database: &Database,
    connection: &mut SqliteConnection,
    id: SnapshotId,
) -> Result<HashMap<i64, ColumnTags>, Error> {
    let rows: Vec<(i64, i64, String, String)> = sqlx::query_as(
        "SELECT table_id, column_id, \"key\", \"value\" FROM ducklake_column_tag
         WHERE \"key\" IS NOT NULL AND \"value\" IS NOT NULL
           AND begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)",
    )
    .bind(id.0)
    .fetch_all(connection)
    .await
    .map_err(|source| database.failed("read the tags of columns", source))?;
    let mut tags: HashMap<i64, ColumnTags> = HashMap::new();
    for (table, column, key, value) in rows {
        tags.entry(table).or_default().insert((column, key), value);
    }
    Ok(tags)
}

/// Replaces one tag of a table from a snapshot on.
pub(crate) async fn replace(
    database: &Database,
    connection: &mut SqliteConnection,
    at: SnapshotId,
    (table, column, key): (i64, i64, &str),
    value: Option<&str>,
) -> Result<(), Error> {
    let failed = |source| database.failed("tag a column", source);
    sqlx::query(
        "UPDATE ducklake_column_tag SET end_snapshot = ?
         WHERE table_id = ? AND column_id = ? AND \"key\" = ? AND end_snapshot IS NULL",
    )
    .bind(at.0)
    .bind(table)
    .bind(column)
    .bind(key)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if let Some(value) = value {
        sqlx::query(
            "INSERT INTO ducklake_column_tag(table_id, column_id, begin_snapshot, \"key\", \"value\")
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(table)
        .bind(column)
        .bind(at.0)
        .bind(key)
        .bind(value)
        .execute(connection)
        .await
        .map_err(failed)?;
    }
    Ok(())
}
