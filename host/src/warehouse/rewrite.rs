//! Tables written anew outside of a run: rows are taken out of published files, and the rest is
//! published as it was.

use datafusion::arrow::datatypes::SchemaRef;

use super::catalog::standing;
use super::error::WarehouseError;
use super::lock::Claim;
use super::publish;
use super::stage::{StagedTable, StagedWriter};
use super::tags::Tags;
use super::{SnapshotId, Warehouse};
use crate::name::{RunId, TableName};

impl Warehouse {
    pub(super) async fn stage(
        &self,
        table: &TableName,
        schema: &SchemaRef,
    ) -> Result<StagedWriter, WarehouseError> {
        let mut transaction = self.catalogue.read().await?;
        let standing = standing(&self.catalogue, &mut transaction, table).await?;
        drop(transaction);
        StagedWriter::new(table.clone(), schema, standing, &self.data)
    }

    /// Begins to write a published table anew.
    ///
    /// # Errors
    /// What the catalogue says.
    pub async fn restage(
        &self,
        _claim: &Claim,
        table: &TableName,
        schema: &SchemaRef,
    ) -> Result<StagedWriter, WarehouseError> {
        self.stage(table, schema).await
    }

    /// Publishes tables that were written anew, in one transaction. No run is recorded: what the
    /// pipeline would make of its inputs has not been made.
    ///
    /// # Errors
    /// [`WarehouseError::Conflict`] when another client changed a table meanwhile, and what the
    /// disk and the catalogue say.
    pub async fn republish(
        &self,
        _claim: &Claim,
        tables: &[StagedTable],
        message: &str,
    ) -> Result<SnapshotId, WarehouseError> {
        let published =
            publish::publish(&self.catalogue, RunId::new(), tables, &Tags::new(), message).await;
        published.inspect_err(|_| publish::discard(tables, &self.data))
    }
}
