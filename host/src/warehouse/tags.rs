//! Which columns are about persons, as tags of the catalogue, where every client can see them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlx::sqlite::SqliteConnection;

use super::SnapshotId;
use super::catalog::standing;
use super::commit::Commit;
use super::database::Database;
use super::error::WarehouseError;
use crate::name::TableName;

/// Personal columns by table; an empty set takes the tags of a table away.
pub type Tags = BTreeMap<TableName, BTreeSet<String>>;

/// Columns with the tag, by table.
pub(super) async fn load(
    database: &Database,
    connection: &mut SqliteConnection,
    id: SnapshotId,
) -> Result<HashMap<i64, HashSet<i64>>, WarehouseError> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT table_id, column_id FROM ducklake_column_tag
         WHERE \"key\" = 'personal' AND begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)",
    )
    .bind(id.0)
    .fetch_all(connection)
    .await
    .map_err(|source| database.failed("read the tags of columns", source))?;
    let mut tagged: HashMap<i64, HashSet<i64>> = HashMap::new();
    for (table, column) in rows {
        tagged.entry(table).or_default().insert(column);
    }
    Ok(tagged)
}

impl Commit<'_> {
    /// Makes these the personal columns of their tables; a table that is not there has none.
    pub(super) async fn tag(&mut self, tags: &Tags) -> Result<(), WarehouseError> {
        for (table, columns) in tags {
            let now = standing(self.database, &mut *self.connection, table).await?;
            let Some(id) = now.table_id else { continue };
            let tagged = now
                .columns
                .iter()
                .filter(|column| columns.contains(&column.name));
            let ids: Vec<i64> = tagged.map(|column| column.id).collect();
            if replace(self.database, &mut *self.connection, id, self.id, &ids).await? {
                self.changes.push(format!("altered_table:{id}"));
                self.new_version(id).await?;
            }
        }
        Ok(())
    }
}

/// Makes these the tagged columns of a table from a snapshot on; tells whether they were others.
/// The tag `personal` is ours. The comment says the same to clients that show no other tag; one
/// that somebody else wrote stays.
async fn replace(
    database: &Database,
    connection: &mut SqliteConnection,
    table: i64,
    at: i64,
    columns: &[i64],
) -> Result<bool, WarehouseError> {
    let failed = |source| database.failed("tag personal columns", source);
    let live: Vec<i64> = sqlx::query_scalar(
        "SELECT column_id FROM ducklake_column_tag
         WHERE table_id = ? AND \"key\" = 'personal' AND end_snapshot IS NULL",
    )
    .bind(table)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let ended = live.iter().filter(|column| !columns.contains(column));
    let begun = columns.iter().filter(|column| !live.contains(column));
    let mut changed = false;
    for column in ended {
        sqlx::query(
            "UPDATE ducklake_column_tag SET end_snapshot = ? WHERE table_id = ? AND column_id = ?
             AND end_snapshot IS NULL AND (\"key\" = 'personal' OR \"key\" = 'comment' AND \"value\" = 'personal')",
        )
        .bind(at)
        .bind(table)
        .bind(column)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        changed = true;
    }
    for column in begun {
        for (key, value) in [("personal", "true"), ("comment", "personal")] {
            sqlx::query(
                "INSERT INTO ducklake_column_tag SELECT ?1, ?2, ?3, NULL, ?4, ?5 WHERE NOT EXISTS (
                   SELECT 1 FROM ducklake_column_tag
                   WHERE table_id = ?1 AND column_id = ?2 AND \"key\" = ?4 AND end_snapshot IS NULL)",
            )
            .bind(table)
            .bind(column)
            .bind(at)
            .bind(key)
            .bind(value)
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
        }
        changed = true;
    }
    Ok(changed)
}
