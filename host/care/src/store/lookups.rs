//! Who looked up which customer at the moment of contact, and why.

use ducklake::sqlite::now_text;
use futures::future::BoxFuture;
use serde::Serialize;

use super::tables::ledger;
use tsugi_pipeline::store::Warehouse;
use tsugi_pipeline::store::WarehouseError;

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lookup {
    /// When, in UTC; [`log_lookup`] sets it to the present moment.
    pub at: String,
    /// The kind of key: `customer`, `phone`.
    pub kind: String,
    /// What was typed.
    pub value: String,
    /// Who was found.
    pub found: Option<String>,
    /// Who looked, by name.
    pub by: String,
    /// The account of the machine.
    pub login: String,
    pub why: String,
}

/// Records a look-up. It is on the disk before this returns, and before anything is shown.
///
/// # Errors
/// Database errors.
pub fn log_lookup<'a>(
    warehouse: &'a Warehouse,
    lookup: &'a Lookup,
) -> BoxFuture<'a, Result<(), WarehouseError>> {
    Box::pin(async move {
        let ledger = ledger(warehouse).await?;
        let mut write = warehouse.write_ledger().await?;
        sqlx::query(
        "INSERT INTO lookup(at, kind, value, found, asked_by, login, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(now_text())
    .bind(&lookup.kind)
    .bind(&lookup.value)
    .bind(&lookup.found)
    .bind(&lookup.by)
    .bind(&lookup.login)
    .bind(&lookup.why)
    .execute(write.connection())
    .await
    .map_err(|source| ledger.failed("log a look-up", source))?;
        write.commit("look-up").await
    })
}

/// Every look-up, oldest first.
///
/// # Errors
/// Database errors.
pub fn load_lookups(warehouse: &Warehouse) -> BoxFuture<'_, Result<Vec<Lookup>, WarehouseError>> {
    Box::pin(async move {
        type Row = (
            String,
            String,
            String,
            Option<String>,
            String,
            String,
            String,
        );
        let ledger = ledger(warehouse).await?;
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT at, kind, value, found, asked_by, login, reason FROM lookup ORDER BY sequence",
        )
        .fetch_all(ledger.pool())
        .await
        .map_err(|source| ledger.failed("read the look-ups", source))?;
        let lookups = rows
            .into_iter()
            .map(|(at, kind, value, found, by, login, why)| Lookup {
                at,
                kind,
                value,
                found,
                by,
                login,
                why,
            });
        Ok(lookups.collect())
    })
}
