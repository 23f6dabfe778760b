//! Which columns are about persons, as tags of the catalogue, where every client can see them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sqlx::sqlite::SqliteConnection;

use super::SnapshotId;
use super::catalog::standing;
use super::columns::load_columns;
use super::commit::Commit;
use super::database::Database;
use super::error::WarehouseError;
use crate::name::TableName;

/// Personal columns by table; an empty set takes the tags of a table away.
pub type Tags = BTreeMap<TableName, BTreeSet<String>>;

/// The comment of a personal column, or how it begins.
const TAG: &str = "personal";

/// Columns with the tag, by table.
pub(super) async fn load(
    database: &Database,
    connection: &mut SqliteConnection,
    id: SnapshotId,
) -> Result<HashMap<i64, HashSet<i64>>, WarehouseError> {
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT table_id, column_id FROM ducklake_column_tag
         WHERE \"key\" = 'comment' AND (\"value\" = 'personal' OR \"value\" LIKE 'personal: %') AND begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)",
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
            // A table that this very commit makes has its columns from the new snapshot on.
            let (own, _) = load_columns(self.database, &mut *self.connection, id, self.id).await?;
            let tagged = own.iter().filter(|column| columns.contains(&column.name));
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
/// DuckDB knows one kind of tag, the comment: a comment that is `personal`, or begins so, is the
/// tag. What somebody else has written there stays behind it.
async fn replace(
    database: &Database,
    connection: &mut SqliteConnection,
    table: i64,
    at: i64,
    columns: &[i64],
) -> Result<bool, WarehouseError> {
    let failed = |source| database.failed("tag personal columns", source);
    let live: Vec<(i64, String)> = sqlx::query_as(
        "SELECT column_id, \"value\" FROM ducklake_column_tag
         WHERE table_id = ? AND \"key\" = 'comment' AND end_snapshot IS NULL",
    )
    .bind(table)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut comments: BTreeMap<i64, Option<String>> = live
        .into_iter()
        .map(|(column, comment)| (column, Some(comment)))
        .collect();
    for column in columns {
        comments.entry(*column).or_default();
    }
    let mut changed = false;
    for (column, before) in comments {
        let words = before.as_deref().and_then(words);
        let after = match (columns.contains(&column), words) {
            (true, Some(words)) => Some(format!("{TAG}: {words}")),
            (true, None) => Some(TAG.to_owned()),
            (false, words) => words.map(str::to_owned),
        };
        if after == before {
            continue;
        }
        changed = true;
        sqlx::query(
            "UPDATE ducklake_column_tag SET end_snapshot = ?
             WHERE table_id = ? AND column_id = ? AND \"key\" = 'comment' AND end_snapshot IS NULL",
        )
        .bind(at)
        .bind(table)
        .bind(column)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        if let Some(after) = after {
            sqlx::query("INSERT INTO ducklake_column_tag VALUES (?, ?, ?, NULL, 'comment', ?)")
                .bind(table)
                .bind(column)
                .bind(at)
                .bind(after)
                .execute(&mut *connection)
                .await
                .map_err(failed)?;
        }
    }
    Ok(changed)
}

/// What somebody else has written of a column; nothing where there is the tag alone.
fn words(comment: &str) -> Option<&str> {
    match comment.strip_prefix(TAG) {
        Some("") => None,
        Some(rest) => Some(rest.strip_prefix(": ").unwrap_or(comment)),
        None => Some(comment),
    }
}
