//! One person in the SQLite files of a warehouse: found, replaced, and looked for again.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use ducklake::sqlite::Database;
use ducklake::{Claim, Error};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row as _};

use super::scrub::Scrub;
use super::tables::ledger;
use tsugi_pipeline::store::Warehouse;
use tsugi_pipeline::store::WarehouseError;

/// How many cells lead to a person, by table.
pub(crate) type Scrubbed = BTreeMap<String, u64>;

/// Counts what leads to a person in the ledger and the run store.
///
/// # Errors
/// Database errors.
pub(crate) async fn count_in_state(
    warehouse: &Warehouse,
    scrub: &Scrub,
) -> Result<Scrubbed, WarehouseError> {
    let mut found = Scrubbed::new();
    for database in [ledger(warehouse).await?, warehouse.state()] {
        for cell in cells(database, scrub).await? {
            *found.entry(cell.table).or_default() += 1;
        }
    }
    Ok(found)
}

/// Removes a person from the ledger and the run store. The id becomes `label`, so that the ledger still has the
/// message without its recipient; answers of channels and hashes of contents are deleted. A
/// checkpoint that has the person is deleted too, so that its stream is read whole.
///
/// # Errors
/// Database errors. Called again it continues.
pub(crate) async fn scrub_state(
    warehouse: &Warehouse,
    _claim: &Claim,
    scrub: &Scrub,
    label: &str,
) -> Result<(), WarehouseError> {
    let state = warehouse.state();
    let found = cells(state, scrub).await?;
    let mut transaction = state.write().await?;
    scrub_cells(state, &mut transaction, found, scrub, label, &[]).await?;
    state.commit(transaction).await?;
    let ledger = ledger(warehouse).await?;
    let found = cells(ledger, scrub).await?;
    let mut write = warehouse.write_ledger().await?;
    let statements = [
        "UPDATE intent SET content_hash = 'forgotten', detail = NULL WHERE customer = ?1",
        "UPDATE note SET note = 'forgotten', serial = NULL WHERE customer = ?1",
        "UPDATE decision SET review = 'forgotten' WHERE verdict = 'settle' AND instr(about, ' to ' || ?1 || ' of ') > 0",
    ];
    scrub_cells(ledger, write.connection(), found, scrub, label, &statements).await?;
    write.commit("forgetting").await
}

/// Runs the statements with the id of the person, then replaces it in every cell.
async fn scrub_cells(
    database: &Database,
    connection: &mut SqliteConnection,
    found: Vec<Cell>,
    scrub: &Scrub,
    label: &str,
    statements: &[&'static str],
) -> Result<(), WarehouseError> {
    let failed = |source| database.failed("forget a person", source);
    for statement in statements {
        sqlx::query(*statement)
            .bind(scrub.id())
            .execute(&mut *connection)
            .await
            .map_err(failed)?;
    }
    for cell in found {
        let is_key = cell.is_record_key();
        let Cell {
            table,
            column,
            row,
            text,
        } = cell;
        let query = match text {
            Some(text) if is_key => sqlx::query(
                "UPDATE record_intent SET key = ?2, content_hash = 'forgotten', detail = NULL WHERE rowid = ?1",
            )
            .bind(row)
            .bind(scrub.replaced_key(&text, label)),
            Some(text) => {
                let sql = format!("UPDATE \"{table}\" SET \"{column}\" = ?2 WHERE rowid = ?1");
                let query = sqlx::query(AssertSqlSafe(sql)).bind(row);
                query.bind(scrub.replaced(&text, label))
            }
            None => {
                let sql = format!("DELETE FROM \"{table}\" WHERE rowid = ?1");
                sqlx::query(AssertSqlSafe(sql)).bind(row)
            }
        };
        query.execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Rewrites the SQLite files, so that no deleted value remains in their free pages.
///
/// # Errors
/// [`Error::Busy`] when another program has one of them open.
pub(crate) async fn vacuum(warehouse: &Warehouse, _claim: &Claim) -> Result<(), WarehouseError> {
    for database in databases(warehouse).await? {
        database.vacuum().await?;
    }
    Ok(())
}

async fn databases(warehouse: &Warehouse) -> Result<[&Database; 3], WarehouseError> {
    let ledger = ledger(warehouse).await?;
    Ok([warehouse.lake().catalogue(), warehouse.state(), ledger])
}

/// Where the SQLite files still have a person: by cell, and in bytes that no cell has.
///
/// # Errors
/// Database and disk errors.
pub(crate) async fn remains_in_databases(
    warehouse: &Warehouse,
    scrub: &Scrub,
) -> Result<Vec<String>, WarehouseError> {
    let mut remains = Vec::new();
    for database in databases(warehouse).await? {
        let name = |path: &Path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        };
        let file = name(database.path()).unwrap_or_default();
        let found = cells(database, scrub).await?.into_iter();
        remains.extend(found.map(|cell| format!("{file}: {}.{}", cell.table, cell.column)));
        for ending in ["", "-wal", "-journal"] {
            let path = database.path().with_file_name(format!("{file}{ending}"));
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(Error::io("read", &path, source).into()),
            };
            if scrub.is_in_bytes(&bytes) {
                remains.push(format!("{file}{ending}: free pages"));
            }
        }
    }
    remains.dedup();
    Ok(remains)
}

/// A cell that leads to a person; one of bytes has no text.
struct Cell {
    table: String,
    column: String,
    row: i64,
    text: Option<String>,
}

impl Cell {
    /// Whether it is the key of a record in the ledger, in which an id is found by its column.
    fn is_record_key(&self) -> bool {
        self.table == "record_intent" && self.column == "key"
    }
}

/// The cells that lead to a person. The chain of the ledger has digests and accounts of the machine alone.
async fn cells(database: &Database, scrub: &Scrub) -> Result<Vec<Cell>, Error> {
    let failed = |source| database.failed("look for a person", source);
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT IN ('chain', 'chain_change') ORDER BY 1, c.cid",
    )
    .fetch_all(database.pool())
    .await
    .map_err(failed)?;
    let mut found = Vec::new();
    for (table, column) in columns {
        let sql = format!(
            "SELECT rowid, \"{column}\", typeof(\"{column}\") FROM \"{table}\" WHERE typeof(\"{column}\") IN ('text', 'blob')"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(database.pool())
            .await;
        for row in rows.map_err(failed)? {
            let id: i64 = row.try_get(0).map_err(failed)?;
            let kind: String = row.try_get(2).map_err(failed)?;
            let text = match kind.as_str() {
                "text" => Some(row.try_get_unchecked::<String, _>(1).map_err(failed)?),
                _ => None,
            };
            let cell = Cell {
                table: table.clone(),
                column: column.clone(),
                row: id,
                text,
            };
            let is_found = match &cell.text {
                Some(key) if cell.is_record_key() => scrub.is_in(key) || scrub.is_in_key(key),
                Some(text) => scrub.is_in(text),
                None => {
                    let bytes: Vec<u8> = row.try_get_unchecked(1).map_err(failed)?;
                    scrub.is_in_bytes(&bytes)
                }
            };
            if is_found {
                found.push(cell);
            }
        }
    }
    Ok(found)
}
