//! What runs got done: fingerprints of steps, checkpoints of sources. They count when their run
//! does.

use std::collections::BTreeMap;

use super::SnapshotId;
use super::database::Database;
use super::error::WarehouseError;
use super::snapshot::Snapshot;
use crate::name::{RunId, SourceName, TableName};

/// The fingerprint that a published table was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRecord {
    /// The fingerprint.
    pub fingerprint: String,
    /// The run that made the table.
    pub run: RunId,
    /// The snapshot it is in.
    pub snapshot: SnapshotId,
}

/// How far a source was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The source of the pipeline.
    pub source: SourceName,
    /// The stream of the source.
    pub stream: String,
    /// The partition of the stream.
    pub partition: String,
    /// The layout version of the plugin's state.
    pub version: u32,
    /// The plugin's state.
    pub state: Vec<u8>,
    /// For people.
    pub summary: String,
    /// How many rows were read up to here.
    pub rows: u64,
}

pub(super) async fn record_step(
    state: &Database,
    run: RunId,
    table: &TableName,
    fingerprint: &str,
) -> Result<(), WarehouseError> {
    sqlx::query("INSERT OR REPLACE INTO step(run_id, table_name, fingerprint) VALUES (?, ?, ?)")
        .bind(run.to_string())
        .bind(table.to_string())
        .bind(fingerprint)
        .execute(state.pool())
        .await
        .map_err(|source| state.failed("record a step", source))?;
    Ok(())
}

pub(super) async fn record_checkpoint(
    state: &Database,
    run: RunId,
    checkpoint: &Checkpoint,
) -> Result<(), WarehouseError> {
    sqlx::query(
        "INSERT OR REPLACE INTO checkpoint(run_id, source, stream, partition, version, state, summary, row_count)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(run.to_string())
    .bind(checkpoint.source.as_str())
    .bind(&checkpoint.stream)
    .bind(&checkpoint.partition)
    .bind(i64::from(checkpoint.version))
    .bind(&checkpoint.state)
    .bind(&checkpoint.summary)
    .bind(i64::try_from(checkpoint.rows).unwrap_or(i64::MAX))
    .execute(state.pool())
    .await
    .map_err(|source| state.failed("record a checkpoint", source))?;
    Ok(())
}

/// The newest fingerprint of every table that still is as its run left it.
pub(super) async fn steps(
    state: &Database,
    snapshot: &Snapshot,
) -> Result<BTreeMap<TableName, StepRecord>, WarehouseError> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT s.table_name, s.fingerprint, s.run_id, r.snapshot_id FROM step s JOIN run r USING (run_id)
         WHERE r.status IN ('published', 'unchanged') AND r.snapshot_id IS NOT NULL ORDER BY r.sequence",
    )
    .fetch_all(state.pool())
    .await
    .map_err(|source| state.failed("read the fingerprints", source))?;
    let mut newest = BTreeMap::new();
    for (table, fingerprint, run, id) in rows {
        let parsed = (table.parse::<TableName>(), run.parse::<RunId>());
        let (Ok(table), Ok(run)) = parsed else {
            return Err(state.damaged(format!("it remembers the table `{table}` of run `{run}`")));
        };
        newest.insert(
            table,
            StepRecord {
                fingerprint,
                run,
                snapshot: SnapshotId(id),
            },
        );
    }
    newest.retain(|table, step| {
        let found = snapshot.tables.get(table);
        found.is_some_and(|found| {
            found.changed_in <= step.snapshot && step.snapshot <= snapshot.info.id
        })
    });
    Ok(newest)
}

/// The newest checkpoints of one stream, one a partition.
pub(super) async fn checkpoints(
    state: &Database,
    source: &SourceName,
    stream: &str,
) -> Result<Vec<Checkpoint>, WarehouseError> {
    let rows: Vec<(String, i64, Vec<u8>, String, i64)> = sqlx::query_as(
        "SELECT c.partition, c.version, c.state, c.summary, c.row_count
         FROM checkpoint c JOIN run r USING (run_id)
         WHERE r.status IN ('published', 'unchanged') AND c.source = ? AND c.stream = ? ORDER BY r.sequence",
    )
    .bind(source.as_str())
    .bind(stream)
    .fetch_all(state.pool())
    .await
    .map_err(|error| state.failed("read the checkpoints", error))?;
    let mut newest = BTreeMap::new();
    for (partition, version, bytes, summary, rows) in rows {
        let (Ok(version), Ok(rows)) = (u32::try_from(version), u64::try_from(rows)) else {
            return Err(state.damaged(format!(
                "the checkpoint of `{source}.{stream}` has a negative number"
            )));
        };
        let stream = stream.to_owned();
        let source = source.clone();
        let checkpoint = Checkpoint {
            source,
            stream,
            partition: partition.clone(),
            version,
            state: bytes,
            summary,
            rows,
        };
        newest.insert(partition, checkpoint);
    }
    Ok(newest.into_values().collect())
}
