//! One run in the warehouse: it stages, records what it did, and ends in exactly one way.

use datafusion::arrow::datatypes::SchemaRef;

use super::error::WarehouseError;
use super::lock::Claim;
use super::progress;
use super::reading::{self, Reading};
use super::stage::{StagedTable, StagedWriter};
use super::state::{self, RunStatus};
use super::tags::Tags;
use super::{SnapshotId, Warehouse, publish};
use crate::name::{CheckName, RunId, TableName};

/// A run that has the claim. Everything it records is pending until it publishes; dropped
/// without an end, it counts as interrupted.
#[derive(Debug)]
pub struct Run {
    warehouse: Warehouse,
    id: RunId,
    tags: Tags,
    // Held until the run has ended.
    _claim: Claim,
}

impl Run {
    pub(super) async fn begin(
        warehouse: Warehouse,
        claim: Claim,
        id: RunId,
        as_of: Option<&str>,
    ) -> Result<Self, WarehouseError> {
        state::begin(&warehouse.state, id, as_of).await?;
        Ok(Self {
            warehouse,
            id,
            tags: Tags::new(),
            _claim: claim,
        })
    }

    /// The id of the run.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// The warehouse it runs in.
    pub fn warehouse(&self) -> &Warehouse {
        &self.warehouse
    }

    /// Begins to write the rows of a table into new files. Views, large and dictionary layouts
    /// become plain ones; a zoned timestamp keeps its instant and is read back in UTC.
    ///
    /// # Errors
    /// Columns that no table can hold, and what the catalogue says.
    pub async fn stage(
        &self,
        table: &TableName,
        schema: &SchemaRef,
    ) -> Result<StagedWriter, WarehouseError> {
        self.warehouse.stage(table, schema).await
    }

    /// Records what a table of this run was made from.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn record_step(
        &self,
        table: &TableName,
        fingerprint: &str,
    ) -> Result<(), WarehouseError> {
        progress::record_step(&self.warehouse.state, self.id, table, fingerprint).await
    }

    /// Records that a check found nothing.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn record_passed(
        &self,
        check: &CheckName,
        fingerprint: &str,
    ) -> Result<(), WarehouseError> {
        progress::record_passed(&self.warehouse.state, self.id, check, fingerprint).await
    }

    /// Records how far a stream was read: all its partitions, those of earlier runs too.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn record_reading(&self, reading: &Reading) -> Result<(), WarehouseError> {
        reading::record(&self.warehouse.state, self.id, reading).await
    }

    /// Records what the run tells of itself; a later one replaces an earlier one.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn record_audit(&self, audit: &serde_json::Value) -> Result<(), WarehouseError> {
        state::record_audit(&self.warehouse.state, self.id, audit).await
    }

    /// Which columns of tables are personal, to be published with the rows.
    pub fn tag(&mut self, tags: Tags) {
        self.tags = tags;
    }

    /// Publishes: each staged table becomes the whole content of its table, all in one
    /// transaction, and everything recorded counts from now on. Readers see the state before
    /// or the state after.
    ///
    /// # Errors
    /// [`WarehouseError::Conflict`] when another client changed a table meanwhile, and what the
    /// disk and the catalogue say. Nothing is published then, and the run has failed.
    pub async fn publish(
        self,
        tables: Vec<StagedTable>,
        message: &str,
    ) -> Result<SnapshotId, WarehouseError> {
        let warehouse = &self.warehouse;
        match publish::publish(&warehouse.catalogue, self.id, &tables, &self.tags, message).await {
            Ok(snapshot) => {
                state::end(
                    &warehouse.state,
                    self.id,
                    RunStatus::Published,
                    Some(snapshot),
                )
                .await?;
                Ok(snapshot)
            }
            Err(error) => {
                // A commit may fail after it took effect, when its answer is lost: the snapshot
                // decides, now or at the next open.
                if let Ok(None) = publish::snapshot_of(&warehouse.catalogue, self.id).await {
                    publish::discard(&tables, &warehouse.data);
                    let _ = state::end(&warehouse.state, self.id, RunStatus::Failed, None).await;
                }
                Err(error)
            }
        }
    }

    /// Ends a run that found everything as it should be; what it recorded counts.
    ///
    /// # Errors
    /// What the catalogue and the run store say.
    pub async fn unchanged(self) -> Result<(), WarehouseError> {
        let snapshot = self.warehouse.snapshot().await?.info.id;
        state::end(
            &self.warehouse.state,
            self.id,
            RunStatus::Unchanged,
            Some(snapshot),
        )
        .await
    }

    /// Ends a run that failed; of what it recorded only its audit is kept.
    ///
    /// # Errors
    /// What the run store says.
    pub async fn failed(self) -> Result<(), WarehouseError> {
        state::end(&self.warehouse.state, self.id, RunStatus::Failed, None).await
    }
}
