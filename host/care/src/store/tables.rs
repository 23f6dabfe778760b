//! The tables of the run store that hold what concerns people.

use ducklake::Error;
use ducklake::sqlite::Database;

use tsugi_pipeline::store::Warehouse;

/// The database of the run store, with these tables in it.
pub(super) async fn state(warehouse: &Warehouse) -> Result<&Database, Error> {
    let state = warehouse.state();
    sqlx::raw_sql(include_str!("tables.sql"))
        .execute(state.pool())
        .await
        .map_err(|source| state.failed("create the tables of people", source))?;
    Ok(state)
}
