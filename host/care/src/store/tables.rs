//! The tables of the ledger that hold what concerns people.

use ducklake::sqlite::Database;

use tsugi_pipeline::store::{Warehouse, WarehouseError};

/// The database of the ledger, with these tables in it.
pub(super) async fn ledger(warehouse: &Warehouse) -> Result<&Database, WarehouseError> {
    let ledger = warehouse.ledger_database().await?;
    if ledger.is_read_only() {
        return Ok(ledger);
    }
    sqlx::raw_sql(include_str!("tables.sql"))
        .execute(ledger.pool())
        .await
        .map_err(|source| ledger.failed("create the tables of people", source))?;
    Ok(ledger)
}
