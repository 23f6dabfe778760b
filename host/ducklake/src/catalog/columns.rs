//! Loads the columns of a table: a tree, with ids that are never used twice.

use std::collections::HashMap;

use sqlx::sqlite::SqliteConnection;
use sqlx::{FromRow as _, Row as _};

use crate::error::Error;
use crate::files::lake_column::LakeColumn;
use crate::sqlite::Database;

/// How deep a type of the catalogue may nest; deeper ones are a damaged catalogue.
const DEPTH_MAX: usize = 32;

/// Id, begin, order, name, type, nullable, parent.
type FoundColumn = (i64, i64, i64, String, String, Option<i64>, Option<i64>);

/// The columns of every table in one snapshot, in one query: a catalogue may have thousands.
pub(crate) async fn load_all_columns(
    database: &Database,
    connection: &mut SqliteConnection,
    snapshot: i64,
) -> Result<HashMap<i64, Vec<LakeColumn>>, Error> {
    let rows = sqlx::query(
        "SELECT column_id, begin_snapshot, column_order, column_name, column_type, nulls_allowed, parent_column, table_id
         FROM ducklake_column
         WHERE begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)
         ORDER BY column_order, column_id",
    )
    .bind(snapshot)
    .fetch_all(connection)
    .await
    .map_err(|source| database.failed("read the columns", source))?;
    let mut by_table: HashMap<i64, Vec<FoundColumn>> = HashMap::new();
    for row in rows {
        let failed = |source| database.failed("read the columns", source);
        let table: i64 = row.try_get("table_id").map_err(failed)?;
        let column = FoundColumn::from_row(&row).map_err(failed)?;
        by_table.entry(table).or_default().push(column);
    }
    by_table
        .into_iter()
        .map(|(table, found)| Ok((table, nested(database, table, found)?)))
        .collect()
}

/// The columns of a table in one snapshot, and the first id that was never used in it.
pub(crate) async fn load_columns(
    database: &Database,
    connection: &mut SqliteConnection,
    table_id: i64,
    snapshot: i64,
) -> Result<(Vec<LakeColumn>, i64), Error> {
    let failed = |source| database.failed("read the columns", source);
    let found: Vec<FoundColumn> = sqlx::query_as(
        "SELECT column_id, begin_snapshot, column_order, column_name, column_type, nulls_allowed, parent_column
         FROM ducklake_column
         WHERE table_id = ? AND begin_snapshot <= ? AND (end_snapshot IS NULL OR end_snapshot > ?)
         ORDER BY column_order, column_id",
    )
    .bind(table_id)
    .bind(snapshot)
    .bind(snapshot)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let last: Option<i64> =
        sqlx::query_scalar("SELECT max(column_id) FROM ducklake_column WHERE table_id = ?")
            .bind(table_id)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
    let columns = nested(database, table_id, found)?;
    Ok((columns, last.unwrap_or(0).saturating_add(1)))
}

/// The rows of one table as a tree.
fn nested(
    database: &Database,
    table_id: i64,
    found: Vec<FoundColumn>,
) -> Result<Vec<LakeColumn>, Error> {
    let mut by_parent: HashMap<Option<i64>, Vec<FoundColumn>> = HashMap::new();
    for row in found {
        by_parent.entry(row.6).or_default().push(row);
    }
    tree(&mut by_parent, None, 0).ok_or_else(|| {
        database.damaged(format!("the columns of table {table_id} nest without end"))
    })
}

/// Takes the children of `parent` out of the rows; `None` when they nest too deep.
fn tree(
    rows: &mut HashMap<Option<i64>, Vec<FoundColumn>>,
    parent: Option<i64>,
    depth: usize,
) -> Option<Vec<LakeColumn>> {
    if depth > DEPTH_MAX {
        return None;
    }
    let found = rows.remove(&parent).unwrap_or_default();
    found
        .into_iter()
        .map(
            |(id, begin_snapshot, order, name, lake_type, nullable, _)| {
                Some(LakeColumn {
                    id,
                    order,
                    name,
                    lake_type,
                    nullable: nullable != Some(0),
                    children: tree(rows, Some(id), depth + 1)?,
                    begin_snapshot,
                })
            },
        )
        .collect()
}
