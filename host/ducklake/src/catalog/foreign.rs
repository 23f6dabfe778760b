//! What other clients write that this crate does not read: rows deleted by file or by row, rows
//! inlined in the catalogue. Such tables are reported, and such rows end when a table is replaced.

use std::collections::{HashMap, HashSet};

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use crate::error::Error;
use crate::name::SnapshotId;
use crate::sqlite::Database;

/// The tables of one snapshot that have rows outside of plain data files.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    with_deletes: HashSet<i64>,
    with_inlined_rows: HashSet<i64>,
}

impl Foreign {
    pub(crate) async fn load(
        database: &Database,
        connection: &mut SqliteConnection,
        id: SnapshotId,
    ) -> Result<Self, Error> {
        let failed = |source| database.failed("look for rows of other clients", source);
        let deletes: Vec<i64> = sqlx::query_scalar(
            "SELECT DISTINCT table_id FROM ducklake_delete_file
             WHERE begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)",
        )
        .bind(id.0)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        let mut foreign = Self {
            with_deletes: deletes.into_iter().collect(),
            with_inlined_rows: HashSet::new(),
        };
        for (table, name) in inlined_tables(database, &mut *connection).await? {
            let live = format!(
                "SELECT count(*) FROM \"{name}\"
                 WHERE begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)"
            );
            if count(database, &mut *connection, live, id).await? > 0 {
                foreign.with_inlined_rows.insert(table);
            }
        }
        for (table, name) in inlined_deletes(database, &mut *connection).await? {
            let live = format!(
                "SELECT count(*) FROM \"{name}\" d JOIN ducklake_data_file f ON f.data_file_id = d.file_id
                 WHERE d.begin_snapshot <= ?1 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?1)"
            );
            if count(database, &mut *connection, live, id).await? > 0 {
                foreign.with_deletes.insert(table);
            }
        }
        Ok(foreign)
    }

    /// Why the table cannot be read, when it cannot.
    pub(crate) fn obstacle(&self, table_id: i64) -> Option<String> {
        if self.with_deletes.contains(&table_id) {
            Some("another client deleted single rows of it, which is not supported".into())
        } else if self.with_inlined_rows.contains(&table_id) {
            Some("another client keeps rows of it in the catalogue (inlined), which is not supported".into())
        } else {
            None
        }
    }
}

/// The last snapshot, up to `id`, that changed the rows or columns of each table.
pub(crate) async fn changed_in(
    database: &Database,
    connection: &mut SqliteConnection,
    id: SnapshotId,
) -> Result<HashMap<i64, i64>, Error> {
    let failed = |source| database.failed("look for the last change", source);
    let rows: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT table_id, max(at) FROM (
           SELECT table_id, begin_snapshot AS at FROM ducklake_table
           UNION ALL SELECT table_id, begin_snapshot FROM ducklake_column
           UNION ALL SELECT table_id, end_snapshot FROM ducklake_column
           UNION ALL SELECT table_id, begin_snapshot FROM ducklake_data_file
           UNION ALL SELECT table_id, end_snapshot FROM ducklake_data_file
           UNION ALL SELECT table_id, begin_snapshot FROM ducklake_delete_file
           UNION ALL SELECT table_id, end_snapshot FROM ducklake_delete_file)
         WHERE at <= ? GROUP BY table_id",
    )
    .bind(id.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut changed: HashMap<i64, i64> = rows.into_iter().collect();
    let mut inlined = Vec::new();
    for (table, name) in inlined_tables(database, &mut *connection).await? {
        inlined.push((
            table,
            format!(
                "SELECT coalesce(max(at), 0) FROM (SELECT begin_snapshot AS at FROM \"{name}\"
                 UNION ALL SELECT end_snapshot FROM \"{name}\") WHERE at <= ?1"
            ),
        ));
    }
    for (table, name) in inlined_deletes(database, &mut *connection).await? {
        let last = format!(
            "SELECT coalesce(max(begin_snapshot), 0) FROM \"{name}\" WHERE begin_snapshot <= ?1"
        );
        inlined.push((table, last));
    }
    for (table, sql) in inlined {
        let last = count(database, &mut *connection, sql, id).await?;
        let entry = changed.entry(table).or_insert(0);
        *entry = last.max(*entry);
    }
    Ok(changed)
}

/// Ends every file of a table except `retained` (a list for SQL), its deletes and its inlined
/// rows. Returns whether there were any.
pub(crate) async fn end_rows(
    database: &Database,
    connection: &mut SqliteConnection,
    table_id: i64,
    id: SnapshotId,
    retained: &str,
) -> Result<bool, Error> {
    let failed = |source| database.failed("end the rows of a table", source);
    let mut statements = vec![
        format!("UPDATE ducklake_data_file SET end_snapshot = ?1 WHERE table_id = ?2 AND end_snapshot IS NULL AND data_file_id NOT IN ({retained})"),
        "UPDATE ducklake_delete_file SET end_snapshot = ?1 WHERE table_id = ?2 AND end_snapshot IS NULL".to_owned(),
    ];
    for (table, name) in inlined_tables(database, &mut *connection).await? {
        if table == table_id {
            statements.push(format!(
                "UPDATE \"{name}\" SET end_snapshot = ?1 WHERE end_snapshot IS NULL"
            ));
        }
    }
    let mut ended = 0;
    for (index, statement) in statements.into_iter().enumerate() {
        let query = sqlx::query(AssertSqlSafe(statement)).bind(id.0);
        let query = if index < 2 {
            query.bind(table_id)
        } else {
            query
        };
        ended += query
            .execute(&mut *connection)
            .await
            .map_err(failed)?
            .rows_affected();
    }
    Ok(ended > 0)
}

async fn count(
    database: &Database,
    connection: &mut SqliteConnection,
    sql: String,
    id: SnapshotId,
) -> Result<i64, Error> {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(id.0)
        .fetch_one(connection)
        .await
        .map_err(|source| database.failed("count rows of other clients", source))
}

async fn inlined_tables(
    database: &Database,
    connection: &mut SqliteConnection,
) -> Result<Vec<(i64, String)>, Error> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT table_id, table_name FROM ducklake_inlined_data_tables")
            .fetch_all(connection)
            .await
            .map_err(|source| database.failed("look for inlined rows", source))?;
    rows.into_iter()
        .map(
            |(table, name)| match is_plain(&name, "ducklake_inlined_data_") {
                true => Ok((table, name)),
                false => {
                    Err(database.damaged(format!("it names `{name}` as a table of inlined rows")))
                }
            },
        )
        .collect()
}

async fn inlined_deletes(
    database: &Database,
    connection: &mut SqliteConnection,
) -> Result<Vec<(i64, String)>, Error> {
    const PREFIX: &str = "ducklake_inlined_delete_";
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'table'")
            .fetch_all(connection)
            .await
            .map_err(|source| database.failed("look for inlined deletes", source))?;
    Ok(names
        .into_iter()
        .filter(|name| is_plain(name, PREFIX))
        .filter_map(|name| Some((name.strip_prefix(PREFIX)?.parse().ok()?, name)))
        .collect())
}

/// Whether a name from the catalogue is safe in a statement: the known prefix, then numbers.
fn is_plain(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_numbered_names_reach_a_statement() {
        assert!(is_plain(
            "ducklake_inlined_data_1_2",
            "ducklake_inlined_data_"
        ));
        assert!(!is_plain(
            "ducklake_inlined_data_1\"; DROP",
            "ducklake_inlined_data_"
        ));
        assert!(!is_plain(
            "ducklake_inlined_data_",
            "ducklake_inlined_data_"
        ));
        assert!(!is_plain("other_1", "ducklake_inlined_data_"));
    }
}
