//! How far the streams of sources were read: the files they were read from and a checkpoint for
//! each partition. It counts when its run does, and replaces the read states of earlier runs.

use serde::{Deserialize, Serialize};

use super::run::Run;
use crate::store::error::WarehouseError;
use crate::store::warehouse::Warehouse;
use tsugi_core::name::{RunId, SourceName};

/// One stream as one run read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadState {
    pub source: SourceName,
    /// The stream of the source.
    pub stream: String,
    /// A digest of everything its rows depend on beside the files: with another one the rows
    /// would be others.
    pub read_basis: String,
    pub files: Vec<ReadFile>,
    pub checkpoints: Vec<StoredCheckpoint>,
}

/// A file by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFile {
    /// Its path as the source listed it.
    pub name: String,
    pub bytes: u64,
    /// SHA-256 of its content.
    pub digest: String,
}

/// How far one partition was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredCheckpoint {
    /// The partition of the stream.
    pub partition: String,
    /// The layout version of the plugin's state.
    pub version: u32,
    /// The plugin's state.
    pub state: Vec<u8>,
    /// For people.
    pub summary: String,
    /// How many rows the partition has up to here.
    pub rows: u64,
}

impl From<&tsugi_sandbox::Checkpoint> for StoredCheckpoint {
    fn from(one: &tsugi_sandbox::Checkpoint) -> Self {
        Self {
            partition: one.partition.clone(),
            version: one.version,
            state: one.state.clone(),
            summary: one.summary.clone(),
            rows: one.rows as u64,
        }
    }
}

impl From<&StoredCheckpoint> for tsugi_sandbox::Checkpoint {
    fn from(one: &StoredCheckpoint) -> Self {
        Self {
            partition: one.partition.clone(),
            version: one.version,
            state: one.state.clone(),
            summary: one.summary.clone(),
            rows: one.rows as f64,
        }
    }
}

impl Run {
    /// Records how far a stream was read: all its partitions, those of earlier runs too.
    ///
    /// # Errors
    /// Database errors.
    pub async fn record_read_state(&self, read: &ReadState) -> Result<(), WarehouseError> {
        let state = self.warehouse().state();
        let failed = |source| state.failed("record how far a source was read", source);
        let files = serde_json::to_string(&read.files).map_err(|error| {
            state.damaged(format!("the files of a stream cannot be kept: {error}"))
        })?;
        let run = self.id().to_string();
        let mut transaction = state.write().await?;
        sqlx::query(
            "INSERT OR REPLACE INTO reading(run_id, source, stream, basis, files) VALUES (?, ?, ?, ?, ?)",
        )
            .bind(&run)
            .bind(read.source.as_str())
            .bind(&read.stream)
            .bind(&read.read_basis)
            .bind(files)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        sqlx::query("DELETE FROM checkpoint WHERE run_id = ? AND source = ? AND stream = ?")
            .bind(&run)
            .bind(read.source.as_str())
            .bind(&read.stream)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        for one in &read.checkpoints {
            sqlx::query(
                "INSERT INTO checkpoint(run_id, source, stream, partition, version, state, summary, row_count)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(&run)
            .bind(read.source.as_str())
            .bind(&read.stream)
            .bind(&one.partition)
            .bind(i64::from(one.version))
            .bind(&one.state)
            .bind(&one.summary)
            .bind(i64::try_from(one.rows).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        }
        Ok(state.commit(transaction).await?)
    }
}

impl Warehouse {
    /// How far a run read one stream of a source; none when it did not, or does not count.
    ///
    /// # Errors
    /// Database errors.
    pub async fn read_state(
        &self,
        run: RunId,
        source: &SourceName,
        stream: &str,
    ) -> Result<Option<ReadState>, WarehouseError> {
        let state = self.state();
        let failed = |error| state.failed("read how far a source was read", error);
        let found: Option<(String, String)> = sqlx::query_as(
            "SELECT basis, files FROM reading WHERE run_id = ? AND source = ? AND stream = ?",
        )
        .bind(run.to_string())
        .bind(source.as_str())
        .bind(stream)
        .fetch_optional(state.pool())
        .await
        .map_err(failed)?;
        let Some((read_basis, files)) = found else {
            return Ok(None);
        };
        let rows: Vec<(String, i64, Vec<u8>, String, i64)> = sqlx::query_as(
            "SELECT partition, version, state, summary, row_count FROM checkpoint
         WHERE run_id = ? AND source = ? AND stream = ? ORDER BY partition",
        )
        .bind(run.to_string())
        .bind(source.as_str())
        .bind(stream)
        .fetch_all(state.pool())
        .await
        .map_err(failed)?;
        let damaged = || {
            state.damaged(format!(
                "the read state of `{source}.{stream}` cannot be read"
            ))
        };
        let checkpoint = |(partition, version, state, summary, rows): (_, i64, _, _, i64)| {
            Some(StoredCheckpoint {
                partition,
                version: u32::try_from(version).ok()?,
                state,
                summary,
                rows: u64::try_from(rows).ok()?,
            })
        };
        let checkpoints: Option<Vec<StoredCheckpoint>> = rows.into_iter().map(checkpoint).collect();
        Ok(Some(ReadState {
            source: source.clone(),
            stream: stream.to_owned(),
            read_basis,
            files: serde_json::from_str(&files).map_err(|_| damaged())?,
            checkpoints: checkpoints.ok_or_else(damaged)?,
        }))
    }
}
