//! Which published tables runs of a pipeline made. Others are left alone: pipelines may share a
//! warehouse, and other clients write beside them.

use std::collections::{BTreeMap, BTreeSet};

use ducklake::SnapshotId;

use crate::store::error::WarehouseError;
use crate::store::snapshot::Snapshot;
use crate::store::warehouse::Warehouse;
use tsugi_core::name::TableName;

/// The key of an audit that names the pipelines of tables, where one run is of several.
pub(super) const AUDIT_PIPELINES: &str = "pipelines";

impl Warehouse {
    /// The tables of a snapshot that runs of a pipeline made; without one, of any pipeline. A table
    /// that another client created anew under its name is not one of them.
    ///
    /// # Errors
    /// Database errors.
    pub async fn tables_made_by(
        &self,
        pipeline: Option<&str>,
        snapshot: &Snapshot,
    ) -> Result<BTreeSet<TableName>, WarehouseError> {
        let makers = self.makers(snapshot).await?.into_iter();
        let by = makers.filter(|(_, by)| pipeline.is_none() || by.as_deref() == pipeline);
        Ok(by.map(|(table, _)| table).collect())
    }

    /// The tables that runs made, with the pipeline of the newest run of each. That of a rollback
    /// says whose they are: [`AUDIT_PIPELINES`].
    pub(super) async fn makers(
        &self,
        snapshot: &Snapshot,
    ) -> Result<BTreeMap<TableName, Option<String>>, WarehouseError> {
        let state = self.state();
        let rows: Vec<(String, i64, Option<String>, i64)> = sqlx::query_as(
            "WITH made AS MATERIALIZED (
               SELECT run_id, sequence, snapshot_id, json_extract(audit, '$.pipeline') AS pipeline,
                      json_extract(audit, '$.pipelines') AS pipelines
               FROM run WHERE status IN ('published', 'unchanged') AND snapshot_id <= ?)
             SELECT s.table_name, made.snapshot_id,
                    coalesce(made.pipeline, json_extract(made.pipelines, '$.\"' || s.table_name || '\"')),
                    max(made.sequence)
             FROM step s JOIN made USING (run_id) GROUP BY s.table_name",
        )
        .bind(snapshot.info.id.0)
        .fetch_all(state.pool())
        .await
        .map_err(|source| state.failed("read who made the tables", source))?;
        let mut made = BTreeMap::new();
        for (name, at, by, _) in rows {
            let Ok(name) = name.parse::<TableName>() else {
                return Err(state.damaged(format!("it has the table `{name}`")).into());
            };
            let found = snapshot.tables.get(&name);
            let is_same = found.is_some_and(|found| found.created_in <= SnapshotId(at));
            if is_same {
                made.insert(name, by);
            }
        }
        Ok(made)
    }
}
