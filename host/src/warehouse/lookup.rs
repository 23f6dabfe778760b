//! Who looked whom up at the moment of contact, and why: every look-up stays written down.

use serde::Serialize;

use super::Warehouse;
use super::database::now_text;
use super::error::WarehouseError;

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lookup {
    /// When, in UTC; what is given to [`Warehouse::log_lookup`] is replaced by the present moment.
    pub at: String,
    /// By what: `customer`, `phone`.
    pub kind: String,
    /// What was typed.
    pub value: String,
    /// Who was found.
    pub found: Option<String>,
    /// Who asked, by name.
    pub by: String,
    /// From which account of the machine.
    pub login: String,
    /// Why.
    pub why: String,
}

impl Warehouse {
    /// Writes a look-up down. It is on the disk before this returns, and before anything is shown.
    ///
    /// # Errors
    /// What the database says.
    pub async fn log_lookup(&self, lookup: &Lookup) -> Result<(), WarehouseError> {
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
        .execute(self.state.pool())
        .await
        .map_err(|source| self.state.failed("log a look-up", source))?;
        Ok(())
    }

    /// Every look-up, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn lookups(&self) -> Result<Vec<Lookup>, WarehouseError> {
        type Row = (
            String,
            String,
            String,
            Option<String>,
            String,
            String,
            String,
        );
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT at, kind, value, found, asked_by, login, reason FROM lookup ORDER BY sequence",
        )
        .fetch_all(self.state.pool())
        .await
        .map_err(|source| self.state.failed("read the look-ups", source))?;
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
    }
}
