//! Tables whose files are damaged: what runs recorded of them is dropped, so that the next run makes
//! them again.

use std::collections::BTreeSet;

use ducklake::Claim;

use crate::store::error::WarehouseError;
use crate::store::warehouse::Warehouse;
use tsugi_core::name::TableName;

impl Warehouse {
    /// Drops the fingerprints of tables.
    ///
    /// # Errors
    /// Database errors; nothing has changed then.
    pub async fn forget_steps(
        &self,
        _claim: &Claim,
        tables: &BTreeSet<TableName>,
    ) -> Result<(), WarehouseError> {
        let state = self.state();
        let mut transaction = state.write().await?;
        for table in tables {
            sqlx::query("UPDATE step SET fingerprint = '' WHERE table_name = ?")
                .bind(table.to_string())
                .execute(&mut *transaction)
                .await
                .map_err(|source| state.failed("forget damaged tables", source))?;
        }
        Ok(state.commit(transaction).await?)
    }
}
