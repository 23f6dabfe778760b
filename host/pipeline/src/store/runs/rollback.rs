//! Rolling back: the tables that runs made are published again as an older snapshot has them.

use std::collections::{BTreeMap, BTreeSet};

use ducklake::{SnapshotId, StagedTable, Tags};

use super::made::AUDIT_PIPELINES;
use super::run::Run;
use crate::store::error::WarehouseError;
use crate::store::names::lake_name;
use crate::store::snapshot::{PublishedTable, Snapshot};
use crate::store::warehouse::Warehouse;
use tsugi_core::name::{RunId, TableName};

/// What a rollback did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolledBack {
    /// The snapshot that it published; none where nothing differs.
    pub snapshot: Option<SnapshotId>,
    /// Tables that have their older content again.
    pub restored: BTreeSet<TableName>,
    /// Tables that the older snapshot did not have.
    pub dropped: BTreeSet<TableName>,
}

impl Warehouse {
    /// Publishes the tables that runs made as they were in a snapshot. Tables of other clients are
    /// left alone. A rollback is a run of its own: killed on its way, it happened or it did not.
    ///
    /// # Errors
    /// [`ducklake::Error::NoSnapshot`], [`ducklake::Error::LostFile`], disk and database errors.
    pub async fn roll_back(&self, to: SnapshotId) -> Result<RolledBack, WarehouseError> {
        let mut run = self.begin_run(RunId::new(), None).await?;
        let staged = match restored(&mut run, to).await {
            Ok(staged) => staged,
            Err(error) => {
                let _ = run.failed().await;
                return Err(error);
            }
        };
        let Some((staged, mut done)) = staged else {
            run.unchanged().await?;
            return Ok(RolledBack::default());
        };
        done.snapshot = Some(run.publish(staged, &format!("{MESSAGE} {to}")).await?);
        Ok(done)
    }
}

/// The message of a snapshot that a rollback published, before the number.
const MESSAGE: &str = "tsugi warehouse rollback";

impl Snapshot {
    /// The older snapshot whose tables a rollback published as this one.
    pub fn rolled_back_to(&self) -> Option<SnapshotId> {
        let to = self.info.message.as_deref()?.strip_prefix(MESSAGE)?;
        to.trim().parse().ok().map(SnapshotId)
    }
}

/// Stages what differs; none where nothing does.
async fn restored(
    run: &mut Run,
    to: SnapshotId,
) -> Result<Option<(Vec<StagedTable>, RolledBack)>, WarehouseError> {
    let warehouse = run.warehouse().clone();
    let (old, now) = (
        warehouse.snapshot_at(to).await?,
        warehouse.snapshot().await?,
    );
    let (made_then, made_now) = (warehouse.makers(&old).await?, warehouse.makers(&now).await?);
    let steps = warehouse.steps(&old).await?;
    let (mut staged, mut done, mut tags) = (Vec::new(), RolledBack::default(), Tags::default());
    let (mut replaced, mut pipelines) = (BTreeSet::new(), BTreeMap::new());
    for (name, pipeline) in &made_then {
        let (table, present) = (old.table(name)?, now.tables.get(name));
        if present.is_some() && !made_now.contains_key(name) {
            // Another client has made a table of this name since.
            continue;
        }
        let lake = warehouse.lake();
        let Some(again) = lake.stage_again(run.claim(), table).await? else {
            continue;
        };
        staged.push(again);
        restore_tags(&mut tags, name, table);
        if present.is_some_and(|present| present.id != table.id) {
            replaced.insert(name.clone());
        }
        if let Some(step) = steps.get(name) {
            run.record_step(name, &step.fingerprint).await?;
        }
        pipelines.insert(name.to_string(), pipeline.clone());
        done.restored.insert(name.clone());
    }
    let gone = made_now
        .into_keys()
        .filter(|name| !made_then.contains_key(name));
    done.dropped = gone.collect();
    if staged.is_empty() && done.dropped.is_empty() {
        return Ok(None);
    }
    let audit = serde_json::json!({ "rollback": to, AUDIT_PIPELINES: pipelines });
    run.record_audit(&audit).await?;
    run.drop_tables(done.dropped.iter().cloned().chain(replaced), now.info.id);
    run.tag(tags);
    Ok(Some((staged, done)))
}

/// The comments of columns, which say what is about persons, return with them.
fn restore_tags(tags: &mut Tags, name: &TableName, table: &PublishedTable) {
    for (column, own) in &table.tags {
        for (key, value) in own {
            tags.set(&lake_name(name), column, key, Some(value));
        }
    }
}
