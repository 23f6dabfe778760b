//! One run in the warehouse: it stages, records its progress, and ends in exactly one way.

use datafusion::arrow::datatypes::SchemaRef;
use ducklake::{Claim, DroppedTable, Note, SnapshotId, StagedTable, StagedWriter, Tags};

use super::records::{self, RunRecord, RunStatus};
use crate::store::error::WarehouseError;
use crate::store::names::{extra_info, lake_name};
use crate::store::warehouse::Warehouse;
use tsugi_core::name::{RunId, TableName};

impl Warehouse {
    /// Claims the warehouse and begins a run in it. `as_of` is the time variable of the run.
    ///
    /// # Errors
    /// Those of [`Warehouse::claim`].
    pub async fn begin_run(&self, id: RunId, as_of: Option<&str>) -> Result<Run, WarehouseError> {
        let claim = self.claim(&format!("run {id}")).await?;
        let number = records::begin(self.state(), id, as_of).await?;
        Ok(Run {
            warehouse: self.clone(),
            id,
            number,
            tags: Tags::default(),
            dropped: Vec::new(),
            claim,
        })
    }

    /// All runs, newest first.
    ///
    /// # Errors
    /// Database errors.
    pub async fn runs(&self) -> Result<Vec<RunRecord>, WarehouseError> {
        records::runs(self.state()).await
    }

    /// The newest run that published, with its audit.
    ///
    /// # Errors
    /// Database errors.
    pub async fn last_published(&self) -> Result<Option<RunRecord>, WarehouseError> {
        records::newest(self.state(), Some(RunStatus::Published)).await
    }
}

/// A run that has the claim. Everything it records is pending until it publishes; dropped
/// without an end, it counts as interrupted.
#[derive(Debug)]
pub struct Run {
    warehouse: Warehouse,
    id: RunId,
    number: u64,
    tags: Tags,
    dropped: Vec<DroppedTable>,
    // Held until the run has ended.
    claim: Claim,
}

impl Run {
    pub fn id(&self) -> RunId {
        self.id
    }

    /// How many runs began in this warehouse, this one among them.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub fn warehouse(&self) -> &Warehouse {
        &self.warehouse
    }

    /// Begins to write the rows of a table into new files. Views, large and dictionary layouts
    /// become plain ones; a zoned timestamp keeps its instant and is read back in UTC.
    ///
    /// # Errors
    /// Columns that no table can hold, and database errors.
    pub async fn stage(
        &self,
        table: &TableName,
        schema: &SchemaRef,
    ) -> Result<StagedWriter, WarehouseError> {
        let lake = self.warehouse.lake();
        Ok(lake.stage(&self.claim, &lake_name(table), schema).await?)
    }

    /// Whether a table that an earlier run staged can still be published.
    ///
    /// # Errors
    /// Database errors.
    pub async fn may_publish(&self, staged: &StagedTable) -> Result<bool, WarehouseError> {
        let lake = self.warehouse.lake();
        Ok(lake.may_publish(&self.claim, staged).await?)
    }

    /// Records the report of the run; a later one replaces an earlier one.
    ///
    /// # Errors
    /// Database errors.
    pub async fn record_audit(&self, audit: &serde_json::Value) -> Result<(), WarehouseError> {
        records::record_audit(self.warehouse.state(), self.id, audit).await
    }

    /// Sets the tags of columns that are published with the rows.
    pub fn tag(&mut self, tags: Tags) {
        self.tags = tags;
    }

    /// Drops tables with the publish, as they were in a snapshot; older ones still have them.
    pub fn drop_tables(
        &mut self,
        tables: impl IntoIterator<Item = TableName>,
        seen_in: SnapshotId,
    ) {
        let dropped = tables.into_iter().map(|table| DroppedTable {
            table: lake_name(&table),
            seen_in,
        });
        self.dropped.extend(dropped);
    }

    /// The right to write, which the run holds.
    pub(super) fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Publishes: each staged table becomes the whole content of its table, all in one
    /// transaction, and everything recorded counts from now on. Readers see the state before
    /// or the state after.
    ///
    /// # Errors
    /// [`ducklake::Error::Conflict`] when another client changed a table meanwhile, disk and
    /// database errors. Nothing is published then, and the run has failed.
    pub async fn publish(
        self,
        tables: Vec<StagedTable>,
        message: &str,
    ) -> Result<SnapshotId, WarehouseError> {
        let (lake, state) = (self.warehouse.lake(), self.warehouse.state());
        let extra_info = extra_info(self.id);
        let note = Note {
            message,
            extra_info: Some(&extra_info),
        };
        let published = lake.publish(&self.claim, &tables, &self.dropped, &self.tags, note);
        match published.await {
            Ok(snapshot) => {
                records::end(state, self.id, RunStatus::Published, Some(snapshot)).await?;
                Ok(snapshot)
            }
            Err(error) => {
                // A commit may fail after it took effect, when its answer is lost: the snapshot
                // decides, now or at the next open.
                if let Ok(None) = lake.published_with(&extra_info).await {
                    let _ = records::end(state, self.id, RunStatus::Failed, None).await;
                }
                Err(error.into())
            }
        }
    }

    /// Ends a run that had nothing to publish; what it recorded counts.
    ///
    /// # Errors
    /// Database errors.
    pub async fn unchanged(self) -> Result<(), WarehouseError> {
        let snapshot = self.warehouse.snapshot().await?.info.id;
        records::end(
            self.warehouse.state(),
            self.id,
            RunStatus::Unchanged,
            Some(snapshot),
        )
        .await
    }

    /// Ends a run that was not to publish; what it staged is kept for the next one.
    ///
    /// # Errors
    /// Database errors.
    pub async fn previewed(self) -> Result<(), WarehouseError> {
        records::end(self.warehouse.state(), self.id, RunStatus::Previewed, None).await
    }

    /// Ends a run that failed; of what it recorded only its audit remains.
    ///
    /// # Errors
    /// Database errors.
    pub async fn failed(self) -> Result<(), WarehouseError> {
        records::end(self.warehouse.state(), self.id, RunStatus::Failed, None).await
    }
}
